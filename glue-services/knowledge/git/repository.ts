import { randomBytes } from "node:crypto";
import { ApiError, fitsWildcard } from "../../kit/index.ts";
import { kindOf } from "../read/kind.ts";
import type { Progress, Reading } from "../runs/job.ts";
import { addToFrontier, Ended, settle } from "../runs/run.ts";
import type { SourceSettings } from "../schemas.ts";
import { keepPage } from "../store/page.ts";
import { eachFile } from "./archive.ts";

/** Folders and files that are made, not written. */
const made =
  /(^|\/)(node_modules|vendor|dist|build|target|\.git|\.venv|__pycache__|coverage|\.next|third_party)\/|\.(min\.(js|css)|lock|map|snap|svg)$|(^|\/)(package-lock\.json|pnpm-lock\.yaml|go\.sum|Cargo\.lock|composer\.lock)$/;

/** Reads a repository at its branch's latest commit. A file that has not changed keeps its chunks and vectors. */
export async function readRepository(reading: Reading): Promise<Progress> {
  const { knowledge, tenant, run, source, signal } = reading;
  const { git, database } = knowledge;
  if (!git) throw new ApiError("INVALID", "This stack has no Gitea to read repositories from.");
  const repository = source.address as string;
  const reader = await readerOf(reading);
  if (!(await git.mayRead(repository, reader, signal))) {
    throw new ApiError("NOT_FOUND", "There is no such repository, or whoever added this source may not read it.", {
      hint: "Ask for access to it in Gitea, then read the source again.",
    });
  }
  await listen(reading, repository);
  const { commit: latest } = await git.head(repository, source.settings.branch, signal);
  // One reading is of one commit, however many slices it takes.
  const { rows } = await database.query<{ commit: string }>(tenant, {
    text: "update run set commit_hash = coalesce(commit_hash, $2) where id = $1 returning commit_hash as commit",
    values: [run, latest],
  });
  const commit = rows[0]?.commit ?? latest;
  const settled = await settledOf(reading);
  if (settled.size === 0 && (await isRead(reading, commit))) return { is: "done", complete: false };
  let more = false;
  const archive = await git.archive(repository, commit, signal);
  const { files, cut } = await eachFile(archive, wanted(source.settings), async (path, bytes) => {
    if (settled.has(path) || kindOf({ bytes, media: "", name: path }) === undefined) return true;
    more = signal.aborted || performance.now() > reading.until;
    if (!more) await keepFile(reading, path, bytes);
    return !more;
  });
  const note = cut ? `Only the first ${files} files were read; limit the source to folders that matter.` : undefined;
  if (more) return { is: "more" };
  if (note === undefined) await noteRead(reading, commit);
  return { is: "done", complete: files > 0, note };
}

/** Whether this commit was read whole, with the settings as they are. */
async function isRead({ knowledge, tenant, source }: Reading, commit: string): Promise<boolean> {
  const { rowCount } = await knowledge.database.query(tenant, {
    text: "select from source where id = $1 and read_commit = $2 and read_settings = settings",
    values: [source.id, commit],
  });
  return rowCount === 1;
}

/** A file that could not be read is tried again by the next reading. */
async function noteRead({ knowledge, tenant, run, source }: Reading, commit: string): Promise<void> {
  await knowledge.database.query(tenant, {
    text: `update source set read_commit = $2, read_settings = $3
      where id = $1 and exists (select from run where id = $4 and state = 'running' and failed = 0)`,
    values: [source.id, commit, JSON.stringify(source.settings), run],
  });
}

/** Lets Gitea tell of pushes. Where that cannot be, the source is read when it is due. */
async function listen({ knowledge, tenant, source, signal, log }: Reading, repository: string): Promise<void> {
  const { git, hooksAt, database } = knowledge;
  if (!git || !hooksAt) return;
  const { rows } = await database.query<{ secret: string }>(tenant, {
    text: "update source set hook_secret = coalesce(hook_secret, $2) where id = $1 returning hook_secret as secret",
    values: [source.id, randomBytes(32).toString("hex")],
  });
  const hook = { url: `${hooksAt}/api/knowledge/hooks/${source.id}`, secret: rows[0]?.secret ?? "" };
  await git.hook(repository, hook, signal).catch((error: unknown) => {
    log.warn({ err: error, source: source.id }, "Gitea does not tell of pushes to this source");
  });
}

/** Whoever added the source answers for it: a later reading may not reach further than they do. */
async function readerOf({ knowledge, tenant, source }: Reading): Promise<string | undefined> {
  const { rows } = await knowledge.database.query<{ person: string | null }>(tenant, {
    text: "select created_by as person from source where id = $1",
    values: [source.id],
  });
  return rows[0]?.person ?? undefined;
}

async function settledOf({ knowledge, tenant, run }: Reading): Promise<Set<string>> {
  const { rows } = await knowledge.database.query<{ address: string }>(tenant, {
    text: "select address from frontier where run_id = $1 and state <> 'waiting'",
    values: [run],
  });
  return new Set(rows.map(({ address }) => address));
}

/** Paths that the settings want: beginnings, in which * stands for anything. */
export function wanted({ include, exclude }: SourceSettings): (path: string) => boolean {
  const begins = (path: string) => (pattern: string) =>
    fitsWildcard(pattern.replace(/^\//, ""), path, { prefix: true });
  return (path) => !made.test(path) && (include?.some(begins(path)) ?? true) && !exclude?.some(begins(path));
}

async function keepFile({ knowledge, tenant, run, source }: Reading, path: string, bytes: Buffer): Promise<void> {
  const { database, reader, index } = knowledge;
  const given = { bytes, media: "", name: path };
  const read = await reader.read(given, tenant.organisation, { title: path }).catch((error: unknown) => {
    if (error instanceof ApiError && error.code !== "UNAVAILABLE") return error;
    throw error;
  });
  await database.withTenant(tenant, async (tx) => {
    await addToFrontier(tx, run, [{ address: path, depth: 0 }]);
    const { rows } = await tx.query<{ id: string }>(
      "select id from frontier where run_id = $1 and md5(address) = md5($2)",
      [run, path],
    );
    const entry = rows[0]?.id;
    if (!entry) throw new Ended("The run is gone.");
    if (read instanceof ApiError) return settle(tx, { run, entry, outcome: "skipped", note: read.message });
    const outcome = await keepPage(tx, tenant, index, {
      source: source.id,
      run,
      address: path,
      media: "",
      read,
    });
    await settle(tx, { run, entry, outcome, notes: read.notes });
  });
  knowledge.tell(tenant, { source: source.id });
}
