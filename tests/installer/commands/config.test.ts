import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Command, Io } from "../../../installer/commands/command.ts";
import { config } from "../../../installer/commands/config.ts";
import { init, writeInitialAnswers } from "../../../installer/commands/init.ts";
import { questions } from "../../../installer/questions.ts";
import { leaves, resolveSettings } from "../../../stacks/config/index.ts";
import { fakeTerminal, keys } from "../fake-terminal.ts";

let cwd: string;
let file: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "devflow-config-"));
  file = join(cwd, "devflow.yaml");
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** Runs a command as the dispatcher does, and gives its data and what it showed. */
async function run(command: Command | undefined, args: string[], options: Record<string, unknown> = {}, env = {}) {
  const { io, shown } = plainIo(options.json === true, env);
  // An answers file of the checkout must not reach into the test.
  const data = await command?.run?.({ options: { answers: file, ...options }, args, io });
  return { data, ...shown };
}

function plainIo(json: boolean, env: NodeJS.ProcessEnv): { io: Io; shown: { out: string; err: string } } {
  const shown = { out: "", err: "" };
  const io: Io = {
    out: (text) => {
      shown.out += text;
    },
    err: (text) => {
      shown.err += text;
    },
    json,
    color: false,
    terminal: false,
    columns: 120,
    interactive: false,
    env,
    cwd,
    signal: new AbortController().signal,
  };
  return { io, shown };
}

const sub = (name: string) => config.subcommands?.find((one) => one.name === name);

describe("devflow init", () => {
  test("--yes writes the defaults and what was set, and up to date settings come from it", async () => {
    const { data, err } = await run(init, [], {
      yes: true,
      profile: "minimal",
      set: ["network.port=4500"],
      stack: "demo",
    });
    expect(data).toMatchObject({
      file,
      answers: { version: 1, profile: "minimal", stack: { name: "demo" }, network: { port: 4500 } },
    });
    expect(err).toBe("Wrote devflow.yaml.\nNext     ./devflow up\n");
    expect((await run(sub("validate"), [])).out).toMatch(/^devflow\.yaml is valid: \d+ settings\.\n$/);
  });

  test("does not replace a file that is there, unless forced", async () => {
    await writeFile(file, "profile: full\n");
    await expect(run(init, [], { yes: true })).rejects.toMatchObject({
      code: "USAGE",
      message: "devflow.yaml is there already.",
    });
    expect(await readFile(file, "utf8")).toBe("profile: full\n");
    await run(init, [], { yes: true, force: true });
    expect(await readFile(file, "utf8")).toContain("profile: standard");
  });

  test("without a terminal and without --yes it says what to do", async () => {
    await expect(run(init, [])).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("--yes") });
  });

  test("wrong answers in flags are refused before anything is written", async () => {
    await expect(run(init, [], { yes: true, profile: "huge" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(run(init, [], { yes: true, set: ["netwrok.port=1"] })).rejects.toThrow("did you mean network.port?");
    await expect(run(init, [], { yes: true, set: ["network.domain=dev.example.com"] })).rejects.toThrow(
      "network.email is missing",
    );
    await expect(readFile(file, "utf8")).rejects.toThrow("ENOENT");
  });

  test("the environment is taken into the file only where a person should see it", async () => {
    await run(init, [], { yes: true }, { DEVFLOW_PROFILE: "minimal", DEVFLOW_ENGINE_PARALLEL: "3" });
    const text = await readFile(file, "utf8");
    expect(text).toContain("profile: minimal");
    expect(text).not.toContain("parallel");
  });

  test("a folder is no answers file", async () => {
    await expect(run(init, [], { yes: true, answers: cwd })).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("devflow init in a terminal", () => {
  function start() {
    const terminal = fakeTerminal();
    const { io } = plainIo(false, {});
    const result = writeInitialAnswers({ options: { answers: file }, io: { ...io, interactive: true }, terminal });
    result.catch(() => undefined);
    return { ...terminal, result };
  }

  test("proposes a file's own answers and keeps its comments", async () => {
    await writeFile(
      file,
      "# ours\nprofile: minimal # small box\nnetwork:\n  port: 4500\norganisation: {name: Former}\n",
    );
    const terminal = start();
    for (const { message, path } of questions.filter((one) => !one.path.includes("onepassword"))) {
      if (path === "network.email" || path === "telemetry.endpoint") continue;
      const words = path === "models.providers" ? "Add a model provider?" : `? ${message}`;
      await terminal.reply(words, path === "organisation.name" ? `Latter${keys.enter}` : keys.enter);
    }
    await terminal.reply("Write this to devflow.yaml?", keys.enter);
    expect((await terminal.result).answers).toMatchObject({ profile: "minimal", network: { port: 4500 } });
    const text = await readFile(file, "utf8");
    expect(text).toMatch(/^# ours\nprofile: minimal # small box\nnetwork:\n {2}port: 4500\n/);
    expect(text).toContain("Latter");
    expect(text).not.toContain("Former");
  });

  test("interrupted, it writes nothing", async () => {
    const terminal = start();
    await terminal.reply("? Where should it run?", keys.enter);
    await terminal.reply("? How much should run?", keys.ctrlC);
    await expect(terminal.result).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("devflow config", () => {
  beforeEach(() => writeFile(file, "version: 1\nnetwork:\n  port: 4500\nmodels:\n  providers: []\n"));

  test("explain lists every setting with its source, as a table and as data", async () => {
    const { data } = await run(sub("explain"), [], { json: true }, { DEVFLOW_PROFILE: "full" });
    const rows = data as { path: string; value: unknown; from: string; where: string }[];
    expect(rows.map(({ path }) => path)).toEqual(leaves.map(({ path }) => path));
    const row = (path: string) => rows.find((one) => one.path === path);
    expect(row("network.port")).toEqual({
      path: "network.port",
      value: 4500,
      from: "answers",
      where: "devflow.yaml:3:9",
    });
    expect(row("profile")).toMatchObject({ from: "environment", where: "DEVFLOW_PROFILE" });
    expect(row("sizing.metrics.retention")).toMatchObject({ value: "90d", from: "profile", where: "profile full" });
    expect(row("network.email")).toEqual({ path: "network.email", value: null, from: "default", where: "not set" });

    const { out } = await run(sub("explain"), [], { set: ["network.tls=off"] });
    expect(out).toMatch(/^SETTING +VALUE +FROM +WHERE\n/);
    expect(out).toMatch(/\nnetwork\.tls +off +flag +--set network\.tls\n/);
  });

  test("explain of one setting says what it means and allows", async () => {
    const { out } = await run(sub("explain"), ["network.port"]);
    expect(out).toContain("Public port of the proxy.");
    expect(out).toMatch(/allowed +a whole number from 1 to 65516/);
    expect(out).toMatch(/variable +DEVFLOW_NETWORK_PORT/);
    expect((await run(sub("explain"), ["sizing.postgres"], { json: true })).data).toHaveLength(2);
    await expect(run(sub("explain"), ["network.prot"])).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: "Did you mean network.port?",
    });
  });

  test("explain and show mask what looks like a secret", async () => {
    await run(sub("set"), ["artifacts.mirrors.npm=https://robot:hunter22@mirror.example.com/npm"]);
    const explained = await run(sub("explain"), [], { json: true });
    const shown = await run(sub("show"), []);
    for (const text of [JSON.stringify(explained.data), shown.out]) {
      expect(text).toContain("https://***@mirror.example.com/npm");
      expect(text).not.toContain("hunter22");
    }
  });

  test("show gives the settings in force", async () => {
    const { settings } = resolveSettings({ set: ["network.port=4500"] });
    expect((await run(sub("show"), [], { json: true })).data).toEqual(settings);
    expect((await run(sub("show"), [])).out).toContain("sharedBuffers: 128");
  });

  test("set changes the file in place, an empty value takes a setting out", async () => {
    const { data, err } = await run(sub("set"), ["network.port=4600", "components.code=no", "models.providers="]);
    expect(data).toEqual({
      file,
      changed: { "network.port": 4600, "components.code": false, "models.providers": null },
    });
    expect(err).toContain("network.port, components.code, models.providers");
    expect(await readFile(file, "utf8")).toBe("version: 1\nnetwork:\n  port: 4600\ncomponents:\n  code: false\n");
  });

  test("set refuses what is wrong and leaves the file alone", async () => {
    const before = await readFile(file, "utf8");
    await expect(run(sub("set"), ["network.port=0", "profil=full"])).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      problems: [{ path: "network.port" }, { path: "profil", suggestion: "profile" }],
    });
    await expect(run(sub("set"), ["profil="])).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("validate counts settings, warns, and throws every error", async () => {
    const { data, err } = await run(sub("validate"), [], {}, { DEVFLOW_NETWORK_PROT: "1" });
    expect(data).toMatchObject({ file, settings: 3 });
    expect(err).toContain("Warning: DEVFLOW_NETWORK_PROT is no setting");
    await writeFile(file, "profil: full\nversion: 9\n");
    await expect(run(sub("validate"), [])).rejects.toMatchObject({ problems: [{ line: 1 }, { line: 2 }] });
  });

  test("a file that was named and is not there is missing, not empty", async () => {
    await expect(run(sub("validate"), [], { answers: "gone.yaml" })).rejects.toMatchObject({ code: "CONFIG_MISSING" });
  });

  test("schema prints what the repository holds", async () => {
    const { data, out } = await run(sub("schema"), []);
    expect(JSON.parse(out)).toEqual(data);
    expect(out).toBe(await readFile(new URL("../../../configs/devflow.schema.json", import.meta.url), "utf8"));
  });
});

test("explain says of a setting that this kind of stack does not use, which kinds do", async () => {
  await writeFile(file, "version: 1\ncomponents: { search: true }\n");
  const { out } = await run(sub("explain"), ["components"]);
  expect(out).toMatch(/components\.runtime +true +unused +profile standard; only onprem, saas, dedicated\n/);
  expect(out).toMatch(/components\.search +true +unused +devflow\.yaml:2:\d+; only onprem, saas, dedicated\n/);
  expect(out).toMatch(/components\.metrics +true +(?!unused)\w+ +(?!.*only)/);
  const { out: onprem } = await run(sub("explain"), ["components"], {}, { DEVFLOW_STACK_KIND: "onprem" });
  expect(onprem).toMatch(/components\.runtime +true +(?!unused)\w+ +(?!.*only)/);
  expect((await run(sub("explain"), ["components.runtime"], { json: true })).data).toMatchObject([
    { path: "components.runtime", only: ["onprem", "saas", "dedicated"] },
  ]);
});
