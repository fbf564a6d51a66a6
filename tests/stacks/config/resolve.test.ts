import { resolve as resolvePath } from "node:path";
import { describe, expect, test } from "vitest";
import {
  answersFromObject,
  leaves,
  parseAnswers,
  profiles,
  resolveLeniently,
  resolveSettings,
  unflatten,
  variableOf,
} from "../../../stacks/config/index.ts";
import { validateSettings } from "../../../stacks/config/validate.ts";

describe("precedence", () => {
  const answers = parseAnswers("sizing:\n  postgres:\n    maxConnections: 71\n", "devflow.yaml");
  const env = { DEVFLOW_SIZING_POSTGRES_MAX_CONNECTIONS: "72" };
  const path = "sizing.postgres.maxConnections";
  const set = [`${path}=70`];

  test("flag, answers, environment, profile and default win in this order", () => {
    expect(resolveSettings({ set, answers, env }).sources[path]).toEqual({
      value: 70,
      from: "flag",
      where: `--set ${path}`,
    });
    expect(resolveSettings({ answers, env }).sources[path]).toEqual({
      value: 71,
      from: "answers",
      where: "devflow.yaml:3:21",
    });
    expect(resolveSettings({ env }).sources[path]).toEqual({
      value: 72,
      from: "environment",
      where: "DEVFLOW_SIZING_POSTGRES_MAX_CONNECTIONS",
    });
    expect(resolveSettings({}).sources[path]).toEqual({ value: 100, from: "profile", where: "profile standard" });
    expect(resolveSettings({}).sources["engine.parallel"]).toEqual({ value: 8, from: "default", where: "default" });
  });

  test("the profile itself obeys precedence and decides what follows from it", () => {
    const named = parseAnswers("profile: full\n", "devflow.yaml");
    expect(resolveSettings({ answers: named }).settings.sizing).toEqual(profiles().full.settings.sizing);
    const flagged = resolveSettings({
      answers: named,
      flags: { profile: "minimal" },
      env: { DEVFLOW_PROFILE: "standard" },
    });
    expect(Object.values(flagged.settings.components)).not.toContain(true);
    expect(flagged.sources["components.code"]).toEqual({ value: false, from: "profile", where: "profile minimal" });
    expect(resolveSettings({ flags: { profile: undefined }, env: { DEVFLOW_PROFILE: "full" } }).settings.profile).toBe(
      "full",
    );
  });

  test("--set wins over a flag for the same setting, and the last --set over the others", () => {
    const { settings } = resolveSettings({ flags: { "stack.name": "a" }, set: ["stack.name=b", "stack.name=c"] });
    expect(settings.stack.name).toBe("c");
  });

  test("one setting of a section leaves its siblings alone", () => {
    const { settings } = resolveSettings({ answers, set: ['sizing.postgres={"sharedBuffers": 99}'] });
    expect(settings.sizing.postgres).toEqual({ sharedBuffers: 99, maxConnections: 71 });
  });
});

describe("defaults", () => {
  test("without any source the settings are complete and need nothing", () => {
    const { settings, warnings } = resolveSettings({ user: "ada" });
    expect(validateSettings(settings)).toEqual([]);
    expect(warnings).toEqual([]);
    expect(settings).toMatchObject({
      profile: "standard",
      network: { port: 4400 },
      telemetry: { enabled: false },
      artifacts: { mirrors: {} },
    });
    expect(settings.secrets).toEqual({ backend: "env" });
  });

  test("the schema's defaults of components and sizing are those of the profile standard", () => {
    for (const { path, schema } of leaves.filter((leaf) => /^(components|sizing)\./.test(leaf.path))) {
      expect([path, resolveSettings({}).sources[path]?.value]).toEqual([path, schema.default]);
    }
  });

  test.each([
    ["Ada", "ada", "your login name"],
    ["svc account", "admin", "default"],
    ["", "admin", "default"],
  ])("the administrator of the login %j is %s", (user, name, where) => {
    expect(resolveSettings({ user }).sources["organisation.administrator.name"]).toEqual({
      value: name,
      from: "default",
      where,
    });
  });

  test.each([
    ["dev.example.com", "admin@dev.example.com"],
    ["192.168.1.7", "admin@localhost"],
    ["::1", "admin@localhost"],
  ])("the administrator's address at %s is %s", (domain, address) => {
    const { settings } = resolveSettings({
      set: [`network.domain=${domain}`, "network.tls=off", "components.code=false"],
    });
    expect(settings.organisation.administrator.email).toBe(address);
  });

  test("an optional section gets its defaults only once a part of it is given", () => {
    const { settings } = resolveSettings({ set: ["secrets.backend=onepassword", "secrets.onepassword.vault=v"] });
    expect(settings.secrets.onepassword).toEqual({ vault: "v", mode: "service-account" });
  });

  test("an offline folder starts at the answers file, or at the current folder for flags", () => {
    const answers = answersFromObject({ artifacts: { offline: "./kept" } }, "conf/devflow.yaml");
    expect(resolveSettings({ answers, cwd: "/srv" }).settings.artifacts.offline).toBe("/srv/conf/kept");
    expect(resolveSettings({ answers, set: ["artifacts.offline=kept"], cwd: "/srv" }).settings.artifacts.offline).toBe(
      "/srv/kept",
    );
  });
});

describe("environment", () => {
  test("every setting has its own variable", () => {
    expect(new Set(leaves.map(({ path }) => variableOf(path))).size).toBe(leaves.length);
    expect(variableOf("models.providers")).toBe("DEVFLOW_MODELS_PROVIDERS");
    expect(variableOf("sizing.platform.maxOldSpace")).toBe("DEVFLOW_SIZING_PLATFORM_MAX_OLD_SPACE");
  });

  test("every setting can be given by its variable, with its type", () => {
    for (const { path, schema } of leaves) {
      const example = schema.examples?.at(-1);
      const text = typeof example === "string" ? example : JSON.stringify(example);
      const { sources } = resolveLeniently({ env: { [variableOf(path)]: text }, cwd: "/srv" });
      const wanted = schema["x-path"] ? resolvePath("/srv", String(example)) : example;
      expect([path, sources[path]?.from, sources[path]?.value]).toEqual([path, "environment", wanted]);
    }
  });

  test("a value of the wrong type is an error that names the variable", () => {
    expect(() => resolveSettings({ env: { DEVFLOW_NETWORK_PORT: "http" } })).toThrow(
      'DEVFLOW_NETWORK_PORT  network.port is "http", but must be a whole number from 1 to 65516.',
    );
    expect(() => resolveSettings({ env: { DEVFLOW_MODELS_PROVIDERS: "[{" } })).toThrow("DEVFLOW_MODELS_PROVIDERS");
  });

  test("an empty variable counts as not set", () => {
    expect(resolveSettings({ env: { DEVFLOW_PROFILE: "" } }).sources.profile?.from).toBe("default");
  });

  test("a misspelt variable is warned about, a foreign or reserved one is not", () => {
    const env = {
      DEVFLOW_NETWROK_PORT: "1",
      DEVFLOW_HOM: "/x",
      DEVFLOW_HOME: "/x",
      DEVFLOW_CACHE: "/x",
      DEVFLOW_ANSWERS: "x",
      DEVFLOW_STATE_PASSPHRASE: "x",
      DEVFLOW_NODE_OPTIONS: "x",
      DEVFLOW_SOMETHING_ELSE_ENTIRELY: "1",
      OTHER: "1",
    };
    expect(resolveSettings({ env }).warnings).toEqual([
      "DEVFLOW_NETWROK_PORT is no setting and has no effect; did you mean DEVFLOW_NETWORK_PORT?",
      "DEVFLOW_HOM is no setting and has no effect; did you mean DEVFLOW_HOME?",
    ]);
  });
});

test("flags that are no settings are refused like any other", () => {
  expect(() => resolveSettings({ flags: { "stack.name": "Not A Name" } })).toThrow('stack.name is "Not A Name"');
});

test("settings taken apart and put together are the same", () => {
  const { settings } = resolveSettings({ user: "ada" });
  const sources = Object.entries(resolveSettings({ user: "ada" }).sources).filter(
    ([, { value }]) => value !== undefined,
  );
  const rebuilt = unflatten(sources.map(([path, { value }]) => [path, value]));
  expect(rebuilt).toEqual({ ...settings, artifacts: { official: true } });
});
