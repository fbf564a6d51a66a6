import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collected, linesOf } from "../../../glue-services/backup/bytes.ts";
import type { Config, Target } from "../../../glue-services/backup/config.ts";
import { objectName } from "../../../glue-services/backup/make.ts";
import { openFile, openObject } from "../../../glue-services/backup/read.ts";
import { recordsOf } from "../../../glue-services/backup/record.ts";
import { copyOnce, nextAt, type Round } from "../../../glue-services/backup/round.ts";
import { storeOf } from "../../../glue-services/backup/stores/index.ts";
import { type Seaweed, startSeaweed } from "./seaweed.ts";

const main = new URL("../../../glue-services/backup/main.ts", import.meta.url).pathname;
const day = 86_400_000;
let seaweed: Seaweed;
let folder: string;
let next = 0;

beforeAll(async () => {
  seaweed = await startSeaweed();
});
afterAll(async () => {
  await seaweed[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "devflow-backup-"));
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "data/file"), "what is kept");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const stores: [string, () => Promise<Target>][] = [
  ["a folder", async () => ({ kind: "folder", path: join(folder, "store") })],
  [
    "a bucket",
    async () => {
      const bucket = `copies-${++next}`;
      await seaweed.bucket(bucket);
      return { kind: "s3", server: seaweed.server, bucket, prefix: "a stack/" };
    },
  ],
];

function roundOf(target: Target, copies: Config["copies"], more: { passphrase?: string; at?: () => Date } = {}): Round {
  const config: Config = { stack: "test", at: "02:17", keepDays: 7, target, copies, volumes: {} };
  const { passphrase, at = () => new Date() } = more;
  return { config, store: storeOf(target, {}), passphrase, now: at, log: pino({ level: "silent" }) };
}

const data = () => ({ data: { kind: "folder" as const, path: join(folder, "data"), leaveOut: [] } });

describe.each(stores)("copies in %s", (kind, target) => {
  it(`kept in ${kind} are read as they were made, encrypted or not`, async () => {
    for (const passphrase of [undefined, "a passphrase"]) {
      const round = roundOf(await target(), data(), passphrase === undefined ? {} : { passphrase });
      const made = await copyOnce(round, "data");
      expect(made).toMatchObject({ failed: false, bytes: expect.any(Number) });
      const newest = (await recordsOf(round.store, "data")).at(-1);
      if (!newest) throw new Error("there is no copy");
      expect(newest.record).toMatchObject({ encrypted: passphrase !== undefined, about: { files: 1 } });
      const tar = await collected(openFile(round, newest, "folder.tar"));
      expect(tar.includes("what is kept")).toBe(true);
      const [stored] = newest.record.files;
      const bytes = await collected(await round.store.read(`${newest.folder}/${stored?.name}`));
      expect(bytes.subarray(0, 2).toString("hex") === "1f8b").toBe(passphrase === undefined);
    }
  });

  it(`kept in ${kind} go after their days, but the newest never, and what was cut off goes too`, async () => {
    let now = Date.now() - 30 * day;
    const round = roundOf(await target(), data(), { at: () => new Date(now) });
    for (let turn = 0; turn < 4; turn++, now += day) await copyOnce(round, "data");
    expect(await recordsOf(round.store, "data")).toHaveLength(4);
    now += 20 * day;
    await copyOnce(round, "data");
    expect(await recordsOf(round.store, "data")).toHaveLength(1);
    now += 20 * day;
    await writeFile(join(folder, "data/other"), "later");
    const failing = {
      ...round,
      config: { ...round.config, copies: { data: { ...data().data, path: "/nowhere", fresh: 1 } } },
    };
    expect(await copyOnce(failing, "data")).toMatchObject({ failed: true, finished: expect.any(Number) });
    expect(await recordsOf(round.store, "data")).toHaveLength(1);
    const names: string[] = [];
    for await (const { name } of round.store.list("data/")) names.push(name);
    expect(names).toHaveLength(2);
  });

  it(`kept in ${kind} of larger files come in parts, and one whose source ends in the middle leaves nothing`, async () => {
    const { store } = roundOf(await target(), data());
    const piece = Buffer.alloc(2 ** 20, 7);
    async function* large(fails: boolean) {
      for (let at = 0; at < 40; at++) {
        piece[0] = at;
        yield Buffer.from(piece);
      }
      if (fails) throw new Error("the source ended");
    }
    await store.write("one/large", large(false));
    const back = await collected(await store.read("one/large"));
    expect([back.length, back[39 * 2 ** 20]]).toEqual([40 * 2 ** 20, 39]);
    await expect(store.write("one/broken", large(true))).rejects.toThrow("the source ended");
    expect(await store.has("one/broken")).toBe(false);
    expect(await store.has("one/large")).toBe(true);
    await expect(store.read("one/broken")).rejects.toThrow("is not there");
    await store.remove("one/large");
    await store.remove("one/large");
    expect(await store.has("one/large")).toBe(false);
  });
});

describe("a copy of buckets", () => {
  it("writes an object once, names it in every copy, keeps it as long as one does, and gives it back with its headers", async () => {
    const source = `objects-${++next}`;
    await seaweed.bucket(source);
    await seaweed.bucket(`logs-${next}`);
    await seaweed.put(source, "a folder/ä & b?.txt", "one", { "content-type": "text/x-one", "x-amz-meta-of": "ada" });
    await seaweed.put(source, "goes", "two");
    await seaweed.put(`logs-${next}`, "line", "not copied");
    const others = (await seaweed.client.buckets()).filter((one) => one !== source);
    let now = Date.now() - 30 * day;
    const copies = { storage: { kind: "buckets" as const, server: seaweed.server, leaveOut: others } };
    const target: Target = { kind: "folder", path: join(folder, "store") };
    const round = roundOf(target, copies, { at: () => new Date(now), passphrase: "key" });
    const counts = async () => (await recordsOf(round.store, "storage")).at(-1)?.record.about;
    await copyOnce(round, "storage");
    expect(await counts()).toEqual({ objects: 2, written: 2 });
    await seaweed.client.call("DELETE", `/${source}/goes`);
    await seaweed.put(source, "comes", "three");
    now += day;
    await copyOnce(round, "storage");
    expect(await counts()).toEqual({ objects: 2, written: 1 });
    const objects = async () => {
      const names: string[] = [];
      for await (const { name } of round.store.list("storage/objects/")) names.push(name);
      return names.length;
    };
    expect(await objects()).toBe(3);

    now += 6.5 * day;
    await copyOnce(round, "storage");
    // The first copy is gone, and with it what it alone named.
    expect((await recordsOf(round.store, "storage")).length).toBe(2);
    expect(await objects()).toBe(2);
    const newest = (await recordsOf(round.store, "storage")).at(-1);
    if (!newest) throw new Error("there is no copy");
    const listed: { key: string; id: string }[] = [];
    for await (const line of linesOf(openFile(round, newest, "objects.jsonl"))) listed.push(JSON.parse(line));
    expect(listed.map(({ key }) => key).sort()).toEqual(["a folder/ä & b?.txt", "comes"]);
    const id = listed.find(({ key }) => key.startsWith("a folder"))?.id ?? "";
    const text = (await collected(openObject(round, newest.record, objectName("storage", id)))).toString();
    const [head = "", body] = text.split("\n");
    expect(JSON.parse(head)).toMatchObject({ "content-type": "text/x-one", "x-amz-meta-of": "ada" });
    expect(body).toBe("one");
  });

  it("is written anew under another key, so that one key opens all of a copy", async () => {
    const source = `keyed-${++next}`;
    await seaweed.bucket(source);
    await seaweed.put(source, "object", "text");
    const others = (await seaweed.client.buckets()).filter((one) => one !== source);
    const copies = { storage: { kind: "buckets" as const, server: seaweed.server, leaveOut: others } };
    const target: Target = { kind: "folder", path: join(folder, "store") };
    await copyOnce(roundOf(target, copies, { passphrase: "former", at: () => new Date(Date.now() - day) }), "storage");
    const round = roundOf(target, copies, { passphrase: "present" });
    expect(await copyOnce(round, "storage")).toMatchObject({ failed: false });
    const newest = (await recordsOf(round.store, "storage")).at(-1);
    if (!newest) throw new Error("there is no copy");
    const [line = "{}"] = (await collected(openFile(round, newest, "objects.jsonl"))).toString().split("\n");
    await collected(openFile(round, newest, "ids"));
    const object = await collected(openObject(round, newest.record, objectName("storage", JSON.parse(line).id)));
    expect(object.toString()).toContain("text");
  });
});

describe("the program of backups", () => {
  async function configured(more: Partial<Config> = {}): Promise<string> {
    const target = { kind: "folder", path: join(folder, "store") };
    const config = { stack: "test", at: "02:17", keepDays: 7, target, copies: data(), volumes: {}, ...more };
    await writeFile(join(folder, "backups.json"), JSON.stringify(config));
    return join(folder, "backups.json");
  }
  const run = (...words: string[]) => promisify(execFile)(process.execPath, [main, ...words], { encoding: "buffer" });

  it("makes a copy, lists it and gives it back, and fails loudly when there is nothing to copy", async () => {
    const file = await configured();
    await run(file, "once", "data");
    const { stdout } = await run(file, "list");
    const record = JSON.parse(stdout.toString());
    expect(record).toMatchObject({ copy: "data", stack: "test", about: { files: 1 } });
    const { stdout: tar } = await run(file, "get", "data", record.started, "folder.tar");
    expect(tar.includes("what is kept")).toBe(true);
    const broken = await configured({ copies: { data: { ...data().data, fresh: 1, path: "/nowhere-at-all" } } });
    await expect(run(broken, "once", "data")).rejects.toMatchObject({ code: 1 });
    await writeFile(join(folder, "backups.json"), JSON.stringify({ stack: "test", at: "25:00" }));
    await expect(run(file, "list")).rejects.toThrow("is no configuration of backups");
  });

  it("makes what is missing as soon as it is started, answers, and ends at once when it is told to", async () => {
    const file = await configured();
    const child: ChildProcess = spawn(process.execPath, [main, file, "serve"], {
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr?.on("data", (piece: Buffer) => {
      text += piece;
      if (text.includes('"waiting"')) child.kill("SIGTERM");
    });
    const [code] = await once(child, "exit");
    expect([code, text]).toEqual([0, expect.stringContaining('"copied"')]);
    expect(await readdir(join(folder, "store"))).toEqual(["data"]);
    const [time = ""] = await readdir(join(folder, "store/data"));
    const record = JSON.parse(await readFile(join(folder, "store/data", time, "copy.json"), "utf8"));
    expect(record.copy).toBe("data");
  });
});

it("the next copy is due at its time of day, today or tomorrow", () => {
  const at = (now: string) => nextAt("02:17", new Date(now)).toISOString();
  expect(at("2026-03-01T02:16:59Z")).toBe("2026-03-01T02:17:00.000Z");
  expect(at("2026-03-01T02:17:00Z")).toBe("2026-03-02T02:17:00.000Z");
  expect(at("2026-12-31T23:59:00Z")).toBe("2027-01-01T02:17:00.000Z");
});
