/**
 * Copies of what a stack keeps, and the way back to their bytes.
 *
 *   node main.ts CONFIG serve            all copies once a day, until it is stopped
 *   node main.ts CONFIG once COPY        one copy now; exit code 1 when it fails
 *   node main.ts CONFIG list             the copies that are there, as lines of JSON
 *   node main.ts CONFIG get COPY TIME FILE   a file of a copy on standard output: base.tar, folder.tar, objects.jsonl
 *   node main.ts CONFIG object COPY TIME ID  an object of a copy of buckets: a line of JSON with its headers, its bytes
 *
 * Keys of the store are in ACCESS_KEY_ID and ACCESS_SECRET_KEY, the key that copies are encrypted with in ENCRYPTION_KEY,
 * where they do not stand in CONFIG.
 */
import { pipeline } from "node:stream/promises";
import { pino } from "pino";
import { loggerOptions } from "../kit/logging.ts";
import { loadConfig } from "./config.ts";
import { objectName } from "./make.ts";
import { openFile, openObject } from "./read.ts";
import { recordsOf } from "./record.ts";
import { figuresOf, report } from "./report.ts";
import { copyOnce, type Round } from "./round.ts";
import { serve } from "./serve.ts";
import { storeOf } from "./stores/index.ts";

const [file = "", command = "", ...words] = process.argv.slice(2);
const log = pino(loggerOptions("info") as pino.LoggerOptions, pino.destination({ fd: 2, sync: true }));
const config = loadConfig(file);
const store = storeOf(config.target, process.env);
const round: Round = {
  config,
  store,
  log,
  passphrase: config.encryptionKey || process.env.ENCRYPTION_KEY || undefined,
  now: () => new Date(),
};

const commands: Record<string, () => Promise<void>> = {
  async serve() {
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    await serve(round, Number(process.env.PORT ?? 4401), stop.signal);
  },
  async once() {
    const outcome = await copyOnce(round, words[0] ?? "");
    process.exitCode = outcome.failed ? 1 : 0;
    if (!config.report) return;
    // The copy is there, or not; that nobody heard of it is seen by its age.
    await report(config.report, config.stack, figuresOf([outcome]), new Date()).catch((error: unknown) =>
      log.warn({ err: error }, "nobody hears of the copy"),
    );
  },
  async list() {
    for (const copy of Object.keys(config.copies)) {
      for (const { record } of await recordsOf(store, copy)) process.stdout.write(`${JSON.stringify(record)}\n`);
    }
  },
  async get() {
    const [copy = "", time = "", name = ""] = words;
    await pipeline(openFile(round, await copyAt(copy, time), name), process.stdout);
  },
  async object() {
    const [copy = "", time = "", id = ""] = words;
    const { record } = await copyAt(copy, time);
    await pipeline(openObject(round, record, objectName(copy, id)), process.stdout);
  },
};

/** The copy that was started at a time, as `list` shows it, or the newest of `latest`. */
async function copyAt(copy: string, time: string) {
  const all = await recordsOf(store, copy);
  const found = time === "latest" ? all.at(-1) : all.find(({ record }) => record.started === time);
  if (!found) throw new Error(`There is no copy ${copy} of ${time}; the newest is ${all.at(-1)?.record.started}.`);
  return found;
}

const run = commands[command];
if (!run) {
  process.stderr.write(`There is no command ${command}; there are ${Object.keys(commands).join(", ")}.\n`);
  process.exitCode = 2;
} else {
  await run().catch((error: unknown) => {
    log.fatal({ err: error }, "failed");
    process.exitCode = 1;
  });
}
