import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { DevflowError, errorCodes } from "../../components/error.ts";
import { exitWith } from "../commands/command.ts";
import type { PlatformApi } from "../platform-api.ts";
import { say } from "../terminal/say.ts";
import { during } from "../terminal/spinner.ts";
import { apiOf, type Input, type Options, type Problem, type Source, wholeNumber } from "./input.ts";
import { summary, untilRead } from "./wait.ts";

/** Bytes of one file, as the platform takes it. */
const fileLimit = 32 * 1024 * 1024;

/** Adds what is named, one source each; files go together into one. */
export async function add(input: Input): Promise<unknown> {
  const { options, io } = input;
  const wanted = await sorted(input);
  // Before anything is sent: half of what was asked for would be neither.
  const files = await filesOf(io.cwd, wanted.files);
  const settings = settingsOf(options);
  const api = await apiOf(input);
  const added: Source[] = [];
  for (const { kind, address } of wanted.sources) {
    added.push(await api.call<Source>("POST", "/api/knowledge/sources", { kind, address, ...settings(kind) }));
  }
  if (files.length > 0) added.push(await upload(input, api, files));
  if (options.detach) {
    if (!io.json)
      for (const { name } of added) say(io, `${name} is being read; \`./devflow knowledge sources\` shows it.`);
    return added;
  }
  const read: (Source & { notRead: Problem[] })[] = [];
  for (const source of added) {
    const now = await untilRead(io, api, source);
    // Of a source of files only what these met: others may have failed before.
    const notRead = (await problemsOf(api, now)).filter(
      ({ address }) => now.kind !== "files" || files.some(({ name }) => name.normalize("NFC") === address),
    );
    if (!io.json) {
      const failed = notRead.filter(({ kind }) => kind === "failed").length;
      io.err(`${summary(now, now.kind === "files" ? { given: files.length, failed } : undefined)}\n`);
      for (const { address, note } of notRead) io.err(`  ${address}: ${note}\n`);
    }
    read.push({ ...now, notRead });
  }
  // What was read is kept; a script that goes on as if all were there would be wrong.
  const incomplete = read.some(
    ({ run, notRead }) =>
      notRead.some(({ kind }) => kind === "failed") ||
      (run && (run.failed > 0 || (run.skipped > 0 && run.read + run.unchanged === 0))),
  );
  return incomplete ? exitWith(errorCodes.COMMAND_FAILED.exit, read) : read;
}

/** What failed or lost something; what was left out only where nothing was read. */
async function problemsOf(api: PlatformApi, { id, problems }: Source): Promise<Problem[]> {
  if (problems.failed + problems.partial + problems.skipped === 0) return [];
  const all = await api.call<Problem[]>("GET", `/api/knowledge/sources/${id}/problems?limit=500`);
  const read = all.some(({ kind }) => kind !== "skipped");
  return all.filter(({ kind }) => kind !== "skipped" || !read);
}

interface Sorted {
  sources: { kind: "site" | "git"; address: string }[];
  files: string[];
}

/** What each argument is. @throws DevflowError USAGE for one that is nothing */
async function sorted({ args, options, io }: Input): Promise<Sorted> {
  const sources: Sorted["sources"] = [];
  const files: string[] = [];
  for (const one of args) {
    const kind = options.kind ?? (await kindOf(one, io.cwd));
    if (kind === "files") files.push(one);
    else if (kind === "site" || kind === "git") sources.push({ kind, address: one });
    else {
      throw new DevflowError("USAGE", `${one} is neither an address, a repository nor a file that is there.`, {
        hint: "Write https://… for a site, owner/name for a repository, or the path of a file; or say which by --kind.",
        docs: "knowledge",
      });
    }
  }
  return { sources, files };
}

async function kindOf(text: string, cwd: string): Promise<string | undefined> {
  if (/^https?:\/\//i.test(text)) return "site";
  if (await stat(resolve(cwd, text)).catch(() => undefined)) return "files";
  return /^[\w.-]+\/[\w.-]+$/.test(text) ? "git" : undefined;
}

function settingsOf({ name, tag, maxPages, refresh }: Options) {
  const pages = maxPages === undefined ? undefined : wholeNumber(maxPages, "--max-pages", 50_000);
  const hours = refresh === undefined ? undefined : wholeNumber(refresh, "--refresh", 8760);
  return (kind: "site" | "git") => ({
    ...(name && { name }),
    ...(tag && { tags: tag }),
    ...(hours && { refreshHours: hours }),
    ...(kind === "site" && pages && { settings: { maxPages: pages } }),
  });
}

interface File {
  name: string;
  path: string;
}

/** @throws DevflowError for what is no file, is too large, or would overwrite another */
async function filesOf(cwd: string, given: readonly string[]): Promise<File[]> {
  const files: File[] = [];
  for (const one of given) {
    const path = resolve(cwd, one);
    const name = basename(path);
    const is = await stat(path).catch(() => undefined);
    const hint = { hint: "Give files, each with a name of its own.", docs: "knowledge" };
    if (!is) throw new DevflowError("NOT_FOUND", `There is no file ${one}.`, hint);
    if (!is.isFile()) throw new DevflowError("USAGE", `${one} is no file.`, hint);
    if (is.size > fileLimit) throw new DevflowError("USAGE", `${one} is larger than 32 MiB.`, hint);
    const twin = files.find((other) => other.name === name);
    if (twin && twin.path !== path)
      throw new DevflowError("USAGE", `Two of the files are named ${name}; the second would replace the first.`, hint);
    files.push({ name, path });
  }
  return files;
}

async function upload(
  { io, options: { name, tag } }: Input,
  api: PlatformApi,
  files: readonly File[],
): Promise<Source> {
  const own = name || tag;
  const source = own
    ? await api.call<Source>("POST", "/api/knowledge/sources", {
        kind: "files",
        name: name ?? "Files",
        ...(tag && { tags: tag }),
      })
    : undefined;
  let told: Source | undefined = source;
  for (const [at, file] of files.entries()) {
    const query = new URLSearchParams({ name: file.name, ...(told && { source: told.id }) });
    const sent = readFile(file.path).then((body) =>
      api.upload<Source>(`/api/knowledge/files?${query}`, body, io.signal),
    );
    told = await during(io, `Sending ${file.name} (${at + 1} of ${files.length})`, sent);
  }
  return told as Source;
}
