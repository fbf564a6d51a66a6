import { DevflowError } from "../../components/error.ts";
import { onStdout } from "../terminal/io.ts";
import { paint } from "../terminal/paint.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import { apiOf, type Input } from "./input.ts";

export interface VirtualKey {
  id: string;
  name: string;
  start: string;
  models: string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

export async function listKeys(input: Input): Promise<VirtualKey[]> {
  const { io } = input;
  const keys = await (await apiOf(input)).call<VirtualKey[]>("GET", "/api/ai/keys");
  if (io.json) return keys;
  if (keys.length === 0) say(io, "No keys yet. `./devflow hub keys create my-app` makes one.");
  if (keys.length === 0) return keys;
  const lines = table(onStdout(io), keys, [
    { title: "NAME", value: ({ name }) => name },
    { title: "KEY", value: ({ start }) => `${start}…` },
    { title: "STATE", value: stateOf },
    { title: "MODELS", value: ({ models }) => models.join(", ") || "all" },
    { title: "LAST USED", value: ({ lastUsedAt }) => lastUsedAt?.slice(0, 10) ?? "never" },
    { title: "EXPIRES", value: ({ expiresAt }) => expiresAt?.slice(0, 10) ?? "" },
    { title: "ID", value: ({ id }) => id },
  ]);
  io.out(`${lines.join("\n")}\n`);
  return keys;
}

export async function createKey(input: Input): Promise<VirtualKey & { key: string }> {
  const { io, options, args } = input;
  const api = await apiOf(input);
  const made = await api.call<VirtualKey & { key: string }>("POST", "/api/ai/keys", {
    name: args[0] ?? "",
    ...(options.project && { project: options.project }),
    ...(options.model && { models: [options.model].flat() }),
    ...(options.expires && { expiresAt: timeOf(options.expires) }),
  });
  if (io.json) return made;
  io.out(`${made.key}\n`);
  io.err(
    paint(
      io,
      "dim",
      `Shown this once. Programs use it as the key of OpenAI's API, at the base URL ${api.publicUrl}/v1.\n`,
    ),
  );
  return made;
}

export async function revokeKey(input: Input): Promise<{ id: string }> {
  const api = await apiOf(input);
  const wanted = input.args[0] ?? "";
  const keys = (await api.call<VirtualKey[]>("GET", "/api/ai/keys")).filter(({ revokedAt }) => revokedAt === null);
  const found = keys.filter(
    ({ id, name, start }) =>
      id === wanted || name === wanted || wanted.startsWith(start) || (wanted.length >= 8 && start.startsWith(wanted)),
  );
  const [one] = found;
  if (!one || found.length > 1) {
    throw new DevflowError(
      "NOT_FOUND",
      one ? `${found.length} keys fit ${wanted}.` : `There is no key ${wanted} in use.`,
      {
        hint: "`./devflow hub keys list` shows their ids.",
        docs: "ai-gateway",
      },
    );
  }
  await api.call("DELETE", `/api/ai/keys/${one.id}`);
  if (!input.io.json) input.io.err(`${one.name} (${one.start}…) is refused from now on.\n`);
  return { id: one.id };
}

function stateOf({ revokedAt, expiresAt }: VirtualKey): string {
  if (revokedAt) return "revoked";
  return expiresAt && Date.parse(expiresAt) <= Date.now() ? "expired" : "valid";
}

/** A day lasts to its end. */
function timeOf(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = new Date(day ? `${text}T23:59:59.999Z` : text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new DevflowError("USAGE", `"${text}" is no day or time.`, {
    hint: "Write it as 2027-01-31 or 2027-01-31T12:00Z.",
  });
}
