import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { DevflowError } from "../../components/error.ts";
import { loginName } from "../../components/provider/login-name.ts";
import { processStart } from "../process-identity.ts";
import { errorCode, orMissing } from "./files.ts";

/** Who holds a lock. */
export const LockHolder = Type.Object({
  pid: Type.Integer(),
  /** Tells the process from a later one with the same pid. */
  start: Type.String(),
  host: Type.String(),
  user: Type.String(),
  /** What it is doing, as people call it: `up`, `destroy`. */
  command: Type.String(),
  /** ISO 8601. */
  since: Type.String(),
});
export type LockHolder = Static<typeof LockHolder>;

/** Lock files held by the code that is running now, so that what holds a lock may ask for it again. */
const held = new AsyncLocalStorage<ReadonlySet<string>>();

/**
 * Runs `work` while no other process, and nothing else in this one, holds the lock. A lock whose process is gone is
 * taken over.
 *
 * @throws DevflowError LOCKED that names the holder.
 */
export async function withLock<Result>(file: string, command: string, work: () => Promise<Result>): Promise<Result> {
  const mine = held.getStore() ?? new Set();
  if (mine.has(file)) return work();
  const content = await take(file, command);
  try {
    return await held.run(new Set([...mine, file]), work);
  } finally {
    if ((await orMissing(readFile(file, "utf8"))) === content) await rm(file, { force: true });
  }
}

/** The holder of the lock; undefined when there is none or its process is gone. */
export async function readLock(file: string): Promise<LockHolder | undefined> {
  const text = await orMissing(readFile(file, "utf8"));
  const holder = text === undefined ? undefined : parse(text);
  return holder && (await isAlive(holder)) ? holder : undefined;
}

// --- internal ---

async function take(file: string, command: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const content = JSON.stringify({
    pid: process.pid,
    start: (await processStart(process.pid)) ?? "",
    host: hostname(),
    user: loginName(),
    command,
    since: new Date().toISOString(),
    nonce: randomUUID(),
  });
  const aside = `${file}.${randomUUID()}`;
  await writeFile(aside, content, { mode: 0o600 });
  try {
    while (!(await linked(aside, file))) {
      const present = await orMissing(readFile(file, "utf8"));
      if (present !== undefined) await takeOver(file, present, aside);
      if ((await orMissing(readFile(file, "utf8"))) === content) break;
    }
    return content;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Puts our file in the place of a dead holder's. Who may do so is settled by a claim whose name is made from the dead
 * holder's text: only one process can link it. A claim whose own process died is itself claimed, and so on, which
 * leaves no moment in which two processes both believe they have won.
 */
async function takeOver(file: string, dead: string, aside: string): Promise<void> {
  await refuseAlive(file, dead);
  const claims: string[] = [];
  for (let chain = dead; ; ) {
    const claim = `${file}.claim-${createHash("sha256").update(chain).digest("hex").slice(0, 24)}`;
    claims.push(claim);
    if (await linked(aside, claim)) break;
    const rival = await orMissing(readFile(claim, "utf8"));
    if (rival === undefined) return;
    await refuseAlive(file, rival);
    chain += rival;
  }
  // The dead holder may have been replaced, and all claims on it removed, just before ours was made.
  const still = (await orMissing(readFile(file, "utf8"))) === dead;
  if (still) {
    const ours = `${aside}.ours`;
    await link(aside, ours);
    await rename(ours, file);
  }
  for (const claim of claims.reverse()) await rm(claim, { force: true });
}

async function refuseAlive(file: string, text: string): Promise<void> {
  const holder = parse(text);
  if (!holder || !(await isAlive(holder))) return;
  const { pid, host, user, command, since } = holder;
  const elsewhere = host === hostname() ? "" : ` on ${host}`;
  throw new DevflowError(
    "LOCKED",
    `${user} is running "${command}" on this stack (pid ${pid}${elsewhere}, since ${since}).`,
    {
      hint:
        elsewhere === ""
          ? `Wait until it ends, or end it: kill ${pid}`
          : `Wait until it ends. If it no longer runs there, remove ${basename(file)} in ${dirname(file)}.`,
    },
  );
}

/** A process of another machine cannot be looked at, and counts as alive. */
async function isAlive({ pid, start, host }: LockHolder): Promise<boolean> {
  return host !== hostname() || (await processStart(pid)) === start;
}

/** A file that holds no lock (a person wrote into it) is nobody's. */
function parse(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(LockHolder, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}
