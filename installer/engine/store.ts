import { readFile, rename, rm } from "node:fs/promises";
import { Compile } from "typebox/compile";
import { DevflowError } from "../../components/error.ts";
import { fromSnapshot, parseState, type StateFile, sealed, toSnapshot, unsealed } from "./deployment.ts";
import { keepCopy, orDiskFull, orMissing, replaceFile, writeAside, writeWhole } from "./files.ts";
import { type JournalContent, line, openJournal, readJournal } from "./journal.ts";
import { apply, Entry, emptySnapshot, type Snapshot } from "./snapshot.ts";
import { type KeySource, openVault, type Vault } from "./vault.ts";

/** Moments of writing, in order; a crash test ends the process at one of them. */
export type WritePoint = "append" | "appended" | "compact" | "written" | "kept" | "replaced" | "rotated";

export type StoreOptions = KeySource & {
  /** The state file; `.bak`, `.bak.journal`, `.journal` and `.lock` stand beside it. */
  file: string;
  /** Called at every point of writing. */
  observe?(point: WritePoint): void;
};

/** Where one stack's state lives. Nothing is read or written before `load` or `open`. */
export interface StateStore {
  readonly file: string;
  /** What is stored, journal included; changes nothing. @throws DevflowError STATE_CORRUPT, STATE_KEY */
  load(): Promise<Snapshot>;
  /** Opens it for changes; the caller holds the lock. @throws DevflowError STATE_CORRUPT, STATE_KEY, DISK_FULL */
  open(): Promise<Ledger>;
}

/** The state while an engine works on it. */
export interface Ledger {
  readonly snapshot: Snapshot;
  /**
   * Applies the change to the snapshot and to the journal. With `durable` it resolves once a power cut cannot undo it.
   *
   * @throws DevflowError DISK_FULL
   */
  record(entry: Entry, options?: { durable: boolean }): Promise<void>;
  /** Writes the journal's changes into the state file and keeps the former one as `.bak`. */
  close(): Promise<void>;
}

export function openStore(options: StoreOptions): StateStore {
  return {
    file: options.file,
    load: async () => (await read(options)).snapshot,
    open: () => openLedger(options),
  };
}

/**
 * Puts the previous good copy in the place of a damaged state and replays what was done since, so that as a rule nothing
 * is lost. The damaged files stay beside it under `.damaged`.
 *
 * @returns the files set aside.
 * @throws DevflowError NOT_FOUND when there is no previous copy.
 */
export async function restorePrevious(store: StateStore): Promise<string[]> {
  const { file } = store;
  const previous = await orMissing(readFile(`${file}.bak`, "utf8"));
  if (previous === undefined) {
    throw new DevflowError("NOT_FOUND", `There is no previous copy ${file}.bak.`, {
      hint: "Restore the stack from a backup.",
    });
  }
  const { serial } = parseState(previous);
  const since = await readJournal(`${file}.bak.journal`).catch(() => undefined);
  const latest = await readJournal(`${file}.journal`).catch(() => undefined);
  // The journal continues either the copy itself (an earlier restore) or the damaged state that followed it.
  const entries = latest?.base === serial ? latest.entries : since?.base === serial ? [...since.entries] : [];
  if (since?.base === serial && latest?.base === serial + 1) entries.push(...latest.entries);
  const setAside: string[] = [];
  for (const damaged of [file, `${file}.journal`]) {
    if (await orMissing(rename(damaged, `${damaged}.damaged`).then(() => true))) setAside.push(`${damaged}.damaged`);
  }
  await writeWhole(`${file}.journal`, [{ version: 1, base: serial }, ...entries].map(line).join(""));
  await writeWhole(file, previous);
  return setAside;
}

// --- internal ---

const entrySchema = Compile(Entry);

interface Loaded {
  state: StateFile | undefined;
  journal: JournalContent | undefined;
  vault: Vault | undefined;
  snapshot: Snapshot;
}

async function read(options: StoreOptions): Promise<Loaded> {
  const { file } = options;
  const text = await orMissing(readFile(file, "utf8"));
  if (text === undefined) {
    if (await orMissing(readFile(`${file}.bak`))) throw corrupt(file, "it is missing, but its previous copy is there");
    return { state: undefined, journal: undefined, vault: undefined, snapshot: emptySnapshot() };
  }
  const state = attempt(file, () => parseState(text));
  const vault = await openVault(options, state.deployment.secrets_providers);
  const snapshot = toSnapshot(state, vault);
  const found = await readJournal(`${file}.journal`).catch((error) => {
    throw error instanceof SyntaxError ? corrupt(`${file}.journal`, error.message, error) : error;
  });
  // A journal of an older state was written into this one before the crash that left it behind.
  const journal = found?.base === state.serial ? found : undefined;
  for (const stored of journal?.entries ?? []) {
    if (!entrySchema.Check(stored)) throw corrupt(`${file}.journal`, "it has an entry of an unknown kind");
    apply(snapshot, unsealed(stored, vault));
  }
  return { state, journal, vault, snapshot };
}

async function openLedger(options: StoreOptions): Promise<Ledger> {
  const { file } = options;
  const observe = (point: WritePoint) => options.observe?.(point);
  const { state, journal: found, vault: present, snapshot } = await read(options);
  const vault = present ?? (await orDiskFull(file, openVault(options, undefined)));
  if (state === undefined) await orDiskFull(file, save(fromSnapshot(snapshot, 0, vault), file));
  const serial = state?.serial ?? 0;
  let changed = (found?.entries.length ?? 0) > 0;
  const journal = await orDiskFull(file, openJournal(`${file}.journal`, serial, found?.size, observe));
  return {
    snapshot,
    async record(entry, { durable } = { durable: false }) {
      apply(snapshot, entry);
      changed = true;
      await journal.append([sealed(entry, vault)], durable);
    },
    async close() {
      await journal.close();
      if (!changed) return;
      observe("compact");
      await orDiskFull(file, compact(fromSnapshot(snapshot, serial + 1, vault)));
    },
  };

  async function compact(next: StateFile) {
    const written = await writeAside(file, serialise(next));
    observe("written");
    await keepCopy(file, `${file}.bak`);
    observe("kept");
    await replaceFile(written, file);
    observe("replaced");
    await replaceFile(`${file}.journal`, `${file}.bak.journal`);
    observe("rotated");
  }
}

async function save(state: StateFile, file: string): Promise<void> {
  await rm(`${file}.journal`, { force: true });
  await writeWhole(file, serialise(state));
}

function serialise(state: StateFile): string {
  return `${JSON.stringify(state, undefined, 2)}\n`;
}

function attempt<Value>(file: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw corrupt(file, error instanceof Error ? error.message : String(error), error);
  }
}

function corrupt(file: string, why: string, cause?: unknown): DevflowError {
  return new DevflowError("STATE_CORRUPT", `The state ${file} cannot be read: ${why}.`, {
    hint: "Its previous good copy and all that was done since can be put in its place: `./devflow doctor --fix`",
    cause,
  });
}
