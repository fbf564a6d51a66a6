import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore, restorePrevious, type StateStore } from "../../../installer/engine/index.ts";
import type { Resource } from "../../../installer/engine/resource.ts";
import type { WritePoint } from "../../../installer/engine/store.ts";
import { secret } from "../../../installer/engine/values.ts";
import { type Bench, bench, summary } from "./bench.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
let store: StateStore;
beforeEach(() => {
  b = bench();
  store = openStore({ file: b.state, keyFile: join(b.folder, "state.key") });
});
afterEach(() => b.remove());

const program = (content: number) => async () => {
  const a = new Thing("a", { content });
  new Thing("b", { content: a.path });
};

const resource = (name: string, more: Partial<Resource> = {}): Resource => ({
  ...{ urn: `urn:pulumi:s::p::t:t:t::${name}`, type: "t:t:t", custom: true, id: name, inputs: {}, outputs: {} },
  ...{ dependencies: [], propertyDependencies: {} },
  ...more,
});

describe("the state file", () => {
  test("has the shape of Pulumi's deployments, a provider for each package, and dependencies first", async () => {
    await b.up(program(1));
    const { version, deployment } = JSON.parse(readFileSync(b.state, "utf8"));
    expect(version).toBe(3);
    expect(deployment.manifest.time).toMatch(/^\d{4}-/);
    expect(deployment.secrets_providers.type).toBe("devflow");
    expect(deployment.pending_operations).toEqual([]);
    const urns = deployment.resources.map(({ urn }: Resource) => urn);
    expect(urns.map((urn: string) => urn.split("::").at(-1))).toEqual(["default", "devflow-test", "a", "b"]);
    const [provider, , , last] = deployment.resources;
    expect(last.provider).toBe(`${provider.urn}::${provider.id}`);
    expect(last).toMatchObject({ custom: true, id: "b", type: "devflow:test:Thing", dependencies: [urns[2]] });
    expect(last.propertyDependencies).toEqual({ content: [urns[2]], file: [] });
    expect(statSync(b.state).mode & 0o777).toBe(0o600);
    expect(statSync(join(b.folder, "state.key")).mode & 0o777).toBe(0o600);
  });

  test("is not written by a run that changes nothing", async () => {
    await b.up(program(1));
    const before = statSync(b.state);
    await b.up(program(1));
    expect(statSync(b.state).ino).toBe(before.ino);
  });

  test("keeps its previous copy", async () => {
    await b.up(program(1));
    const before = readFileSync(b.state, "utf8");
    await b.up(program(2));
    expect(readFileSync(`${b.state}.bak`, "utf8")).toBe(before);
  });
});

describe("a damaged state", () => {
  const damage = {
    truncated: () => truncateSync(b.state, statSync(b.state).size / 2),
    "not a deployment": () => writeFileSync(b.state, '{"version":3}'),
    missing: () => rmSync(b.state),
  };
  for (const [how, damaged] of Object.entries(damage)) {
    test(`that is ${how} is refused, and its previous copy with all that was done since put in its place`, async () => {
      await b.up(program(1));
      await b.up(program(2));
      const whole = await b.load();
      damaged();
      await expect(b.up(program(2))).rejects.toMatchObject({ code: "STATE_CORRUPT" });
      await expect(b.preview(program(2))).rejects.toMatchObject({ code: "STATE_CORRUPT" });
      const aside = await restorePrevious(store);
      expect(aside.every((file) => existsSync(file))).toBe(true);
      expect(await b.load()).toEqual(whole);
      expect(summary(await b.up(program(2)))).toEqual([]);
    });
  }

  test("can be put back twice, also when the journal goes on", async () => {
    await b.up(program(1));
    await b.up(program(2));
    truncateSync(b.state, 10);
    await restorePrevious(store);
    const ledger = await store.open();
    await ledger.record({ put: resource("more") }, { durable: true });
    const whole = await store.load();
    expect(whole.resources.size).toBe(4);
    truncateSync(b.state, 10);
    await restorePrevious(store);
    expect(await store.load()).toEqual(whole);
  });

  test("without a previous copy says to use a backup", async () => {
    await expect(restorePrevious(store)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the journal", () => {
  const journal = () => `${b.state}.journal`;

  test("holds what a run did until the state has it", async () => {
    const ledger = await store.open();
    await ledger.record({ begin: { type: "creating", resource: resource("a") } }, { durable: true });
    await ledger.record({ made: resource("a") });
    await ledger.record({ begin: { type: "deleting", resource: resource("a") } }, { durable: true });
    const crashed = await store.load();
    expect([...crashed.resources.keys()]).toEqual([resource("a").urn]);
    expect([...crashed.pending.values()].map(({ type }) => type)).toEqual(["deleting"]);
    await ledger.close();
    expect(existsSync(journal())).toBe(false);
    expect(await store.load()).toEqual(crashed);
  });

  test("with a torn last line is whole without it, and goes on from there", async () => {
    const ledger = await store.open();
    await ledger.record({ put: resource("a") }, { durable: true });
    appendFileSync(journal(), '12345678 {"put":{"urn"');
    expect((await store.load()).resources.size).toBe(1);
    const next = await store.open();
    await next.record({ put: resource("b") }, { durable: true });
    expect([...(await store.load()).resources.keys()].map((urn) => urn.at(-1))).toEqual(["a", "b"]);
  });

  test("that is damaged in the middle is refused", async () => {
    const ledger = await store.open();
    for (const name of ["a", "b", "c"]) await ledger.record({ put: resource(name) }, { durable: true });
    writeFileSync(journal(), readFileSync(journal(), "utf8").replace("::b", "::B"));
    await expect(store.load()).rejects.toMatchObject({ code: "STATE_CORRUPT" });
  });

  test("of an older state is left alone", async () => {
    await b.up(program(1));
    writeFileSync(journal(), readFileSync(`${b.state}.bak.journal`));
    expect((await b.load()).resources.size).toBe(3);
    expect(summary(await b.up(program(1)))).toEqual([]);
  });

  test("writes what comes together together", async () => {
    const points: WritePoint[] = [];
    const watched = openStore({
      file: b.state,
      keyFile: join(b.folder, "state.key"),
      observe: (at) => points.push(at),
    });
    const ledger = await watched.open();
    const names = Array.from({ length: 50 }, (_, i) => `r${i}`);
    await Promise.all(names.map((name) => ledger.record({ put: resource(name) }, { durable: true })));
    expect(points.filter((point) => point === "appended").length).toBeLessThan(5);
    expect((await store.load()).resources.size).toBe(50);
  });
});

describe("the key", () => {
  const withSecret = async () => {
    const ledger = await store.open();
    await ledger.record({ put: resource("a", { inputs: { password: secret("hush-hush") } }) });
    await ledger.close();
  };

  test("opens what it sealed, and nothing is in the clear", async () => {
    await withSecret();
    expect(readFileSync(b.state, "utf8")).not.toContain("hush-hush");
    const { resources } = await store.load();
    expect([...resources.values()][0]?.inputs).toEqual({ password: secret("hush-hush") });
  });

  test("that is missing, wrong or of another kind is told as such, and never made anew", async () => {
    await withSecret();
    const keyFile = join(b.folder, "state.key");
    const passphrase = openStore({ file: b.state, passphrase: "a passphrase" });
    await expect(passphrase.load()).rejects.toMatchObject({
      code: "STATE_KEY",
      message: expect.stringContaining("key file"),
    });
    writeFileSync(keyFile, Buffer.alloc(32, 7));
    await expect(store.open()).rejects.toMatchObject({
      code: "STATE_KEY",
      message: expect.stringContaining("does not open"),
    });
    rmSync(keyFile);
    await expect(store.open()).rejects.toMatchObject({
      code: "STATE_KEY",
      message: expect.stringContaining("missing"),
    });
    expect(existsSync(keyFile)).toBe(false);
  });

  test("may come from a passphrase", async () => {
    const options = { file: b.state, passphrase: "correct horse" };
    const ledger = await openStore(options).open();
    await ledger.record({ put: resource("a", { outputs: { token: secret({ deep: ["hush"] }) } }) });
    await ledger.close();
    const { resources } = await openStore(options).load();
    expect([...resources.values()][0]?.outputs).toEqual({ token: secret({ deep: ["hush"] }) });
    const wrong = openStore({ ...options, passphrase: "wrong horse" });
    await expect(wrong.load()).rejects.toMatchObject({ code: "STATE_KEY" });
  });
});
