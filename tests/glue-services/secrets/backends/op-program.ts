import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { vault } from "./vault.ts";

/** A program that answers as `op read --no-newline` does, with its words for what goes wrong. */
export async function opProgram(options: { signedIn?: boolean; delay?: number } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-op-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "op");
  const script = `#!${process.execPath}
const { vault, signedIn, delay } = ${JSON.stringify({ vault, signedIn: true, delay: 0, ...options })};
const fail = (words) => { process.stderr.write("[ERROR] 2026/01/01 00:00:00 " + words + "\\n"); process.exit(1); };
const [command, flag, reference] = process.argv.slice(2);
setTimeout(() => {
  if (command !== "read" || flag !== "--no-newline") fail("unknown command");
  if (!signedIn) fail("You are not currently signed in. Please run 'op signin --help' for instructions " + (process.env.OP_SERVICE_ACCOUNT_TOKEN ?? ""));
  // The program knows neither another case of the scheme nor percent-encoding nor other characters.
  const [, path, query] = /^op:\\/\\/([A-Za-z0-9 _./-]+?)(?:\\?(.*))?$/.exec(reference) ?? [];
  if (!path) fail("invalid secret reference '" + reference + "'");
  const [vaultName, itemName, ...rest] = path.split("/");
  const [section, name] = rest.length === 2 ? rest : [undefined, rest[0]];
  const same = (a, b) => a !== undefined && a.toLowerCase() === b.toLowerCase();
  if (![vault.id, vault.name].some((one) => same(one, vaultName))) fail('could not read secret: "' + vaultName + '" isn\\'t a vault in this account.');
  const items = vault.items.filter(({ id, title }) => same(id, itemName) || same(title, itemName));
  if (items.length > 1) fail("could not read secret: More than one item matches");
  if (items.length === 0) fail('could not read secret: "' + itemName + '" isn\\'t an item in the vault.');
  const field = items[0].fields.find((one) => (section === undefined || same(one.section?.id, section) || same(one.section?.label, section)) && (same(one.id, name) || same(one.label, name)));
  if (!field) fail("could not read secret: item '" + itemName + "' does not have a field '" + rest.join(".") + "'");
  if (query === "attribute=otp" && !field.totp) fail("item does not have a field for one-time passwords");
  process.stdout.write(query === "attribute=otp" ? field.totp : field.value);
}, delay);
`;
  await writeFile(program, script, { mode: 0o700 });
  return program;
}
