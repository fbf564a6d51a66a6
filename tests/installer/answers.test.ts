import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  changedText,
  findAnswers,
  readAnswers,
  renderAnswers,
  shownPath,
  updateAnswers,
  writeAnswers,
} from "../../installer/answers.ts";
import { withFileLock } from "../../installer/file-lock.ts";
import { resolveSettings } from "../../stacks/config/index.ts";
import { randomAnswers } from "./random-answers.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "devflow-answers-"));
  file = join(folder, "devflow.yaml");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("finding the answers file", () => {
  test("--answers, DEVFLOW_ANSWERS, the current folder and the checkout win in this order", async () => {
    const root = join(folder, "checkout");
    const cwd = join(folder, "here");
    await Promise.all([mkdir(root), mkdir(cwd)]);
    const find = (answers?: string, env = {}) => findAnswers({ answers, env, cwd, root });

    expect(await find()).toEqual({ file: join(cwd, "devflow.yaml"), exists: false, from: "current folder" });
    await writeFile(join(root, "devflow.yaml"), "version: 1\n");
    expect(await find()).toEqual({ file: join(root, "devflow.yaml"), exists: true, from: "checkout" });
    await writeFile(join(cwd, "devflow.yaml"), "version: 1\n");
    expect(await find()).toMatchObject({ file: join(cwd, "devflow.yaml"), from: "current folder" });
    const env = { DEVFLOW_ANSWERS: "../other.yaml" };
    expect(await find(undefined, env)).toEqual({
      file: join(folder, "other.yaml"),
      exists: false,
      from: "DEVFLOW_ANSWERS",
    });
    expect(await find("named.yaml", env)).toMatchObject({ file: join(cwd, "named.yaml"), from: "--answers" });
    expect(await find(undefined, { DEVFLOW_ANSWERS: "" })).toMatchObject({ from: "current folder" });
  });

  test("a path inside the current folder is shown from there, another in full", () => {
    expect(shownPath("/srv/a/devflow.yaml", "/srv")).toBe("a/devflow.yaml");
    expect(shownPath("/srv/devflow.yaml", "/srv/a")).toBe("/srv/devflow.yaml");
  });
});

describe("reading and writing answers", () => {
  test("a file that is not there, or a folder, is told as such", async () => {
    await expect(readAnswers(file)).rejects.toMatchObject({
      code: "CONFIG_MISSING",
      message: expect.stringContaining("is not there"),
    });
    await expect(readAnswers(folder)).rejects.toMatchObject({
      code: "CONFIG_MISSING",
      message: expect.stringContaining("cannot be read"),
    });
  });

  test("a huge file is refused without being read", async () => {
    await writeFile(file, Buffer.alloc(3 * 1024 * 1024, "#"));
    await expect(readAnswers(file)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("is written with mode 0600, a schema for editors and nothing left beside it", async () => {
    await writeAnswers(file, { version: 1, profile: "full" });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["devflow.yaml"]);
    const schema = /\$schema=(\S+)/.exec(await readFile(file, "utf8"))?.[1] ?? "";
    expect(JSON.parse(await readFile(join(folder, schema), "utf8")).title).toBe("DevFlow answers file");
  });

  test("a link to the file stays a link", async () => {
    const real = join(folder, "real.yaml");
    await writeFile(real, "version: 1\n");
    await symlink(real, file);
    await updateAnswers(file, { profile: "full" });
    expect(await readFile(real, "utf8")).toBe("version: 1\nprofile: full\n");
    expect((await readdir(folder)).sort()).toEqual(["devflow.yaml", "real.yaml"]);
  });

  test("what is written reads back to the same settings, whatever they are", async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const answers = randomAnswers(seed);
      const text = renderAnswers(answers, file);
      await writeFile(file, text);
      const read = await readAnswers(file);
      expect([seed, read.value]).toEqual([seed, answers]);
      const given = { user: "ada", cwd: folder };
      expect(resolveSettings({ answers: read, ...given }).settings).toEqual(
        resolveSettings({ answers: { ...read, value: answers as Record<string, unknown> }, ...given }).settings,
      );
    }
  });

  test("what is changed one by one reads back the same as what is written at once", async () => {
    for (let seed = 200; seed < 215; seed++) {
      const { sources } = resolveSettings({
        answers: { file, value: randomAnswers(seed) as Record<string, unknown>, locate: () => undefined },
        user: "ada",
      });
      const changes = Object.fromEntries(
        Object.entries(sources).flatMap(([path, { value, from }]) => (from === "answers" ? [[path, value]] : [])),
      );
      await rm(file, { force: true });
      // A part of a section may be invalid without the rest only across settings, so any order works.
      for (const [path, value] of Object.entries(changes)) await updateAnswers(file, { [path]: value });
      const again = resolveSettings({ answers: await readAnswers(file), user: "ada" }).sources;
      for (const [path, value] of Object.entries(changes))
        expect([seed, path, again[path]?.value]).toEqual([seed, path, value]);
    }
  });
});

describe("changing an answers file", () => {
  const before = `# ours
zone: &x
`;

  test("keeps comments, order, blank lines and quotes", async () => {
    await writeFile(
      file,
      "# team answers\nnetwork:\n  # asked for by operations\n  port: 4400 # public\n\n  domain: 'localhost'\n\nversion: 1\nprofile: minimal\n",
    );
    await updateAnswers(file, { "network.port": 4500, "components.code": true });
    expect(await readFile(file, "utf8")).toBe(
      "# team answers\nnetwork:\n  # asked for by operations\n  port: 4500 # public\n\n  domain: 'localhost'\n\nversion: 1\nprofile: minimal\ncomponents:\n  code: true\n",
    );
  });

  test("takes a setting out, and its section when that is empty then", () => {
    const text = "version: 1\nnetwork:\n  port: 4500\nsecrets:\n  onepassword:\n    vault: v\n";
    expect(
      changedText(
        text,
        { "network.port": undefined, "secrets.onepassword.vault": undefined, profile: undefined },
        "a.yaml",
      ),
    ).toBe("version: 1\n");
  });

  test("fills a section whose settings are commented out, and a file of comments", () => {
    expect(changedText("network:\n  # port: 1\n", { "network.port": 5000 }, "a.yaml")).toContain("port: 5000");
    expect(changedText("# nothing yet\n", { profile: "full" }, "a.yaml")).toContain("profile: full");
  });

  test("writes nothing when the result would be invalid, and names where", async () => {
    await writeFile(file, "network:\n  port: 4400\n");
    await expect(updateAnswers(file, { "network.port": 99999 }, "devflow.yaml")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      problems: [{ file: "devflow.yaml", line: 2, column: 9, path: "network.port", value: 99999 }],
    });
    await expect(updateAnswers(file, { "netwrok.port": 1 })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(await readFile(file, "utf8")).toBe("network:\n  port: 4400\n");
    expect(await readdir(folder)).toEqual(["devflow.yaml"]);
  });

  test("refuses to change a file with syntax errors, and a setting that stands in an anchor", async () => {
    await writeFile(file, before);
    await expect(updateAnswers(file, { profile: "full" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(() => changedText("network: 5\n", { "network.port": 1 }, "a.yaml")).toThrow("cannot be changed in a.yaml");
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("six processes at once lose no change", async () => {
    await writeFile(file, "# kept\nversion: 1\n");
    const module = new URL("../../installer/answers.ts", import.meta.url).href;
    const settings = [
      ["network.port", 4500],
      ["network.bind", "0.0.0.0"],
      ["engine.parallel", 4],
      ["stack.name", "demo"],
      ["components.code", false],
      ["sizing.metrics.retention", "30d"],
    ] as const;
    const run = promisify(execFile);
    await Promise.all(
      settings.map(async ([path, value]) => {
        const change = JSON.stringify({ [path]: value });
        const code = `const { updateAnswers } = await import(${JSON.stringify(module)}); await updateAnswers(${JSON.stringify(file)}, ${change});`;
        await run(process.execPath, ["--input-type=module", "-e", code]);
      }),
    );
    const { sources } = resolveSettings({ answers: await readAnswers(file) });
    for (const [path, value] of settings)
      expect([path, sources[path]?.from, sources[path]?.value]).toEqual([path, "answers", value]);
    expect(await readFile(file, "utf8")).toMatch(/^# kept\n/);
    expect(await readdir(folder)).toEqual(["devflow.yaml"]);
  });

  test("thirty changes at once within one process leave a whole file", async () => {
    await writeFile(file, "version: 1\n");
    const ports = Array.from({ length: 30 }, (_, index) => 5000 + index);
    const seen = await Promise.all(
      ports.map(async (port) => {
        await updateAnswers(file, { "network.port": port });
        return port;
      }),
    );
    const { sources } = resolveSettings({ answers: await readAnswers(file) });
    expect(seen).toContain(sources["network.port"]?.value);
    expect(await readdir(folder)).toEqual(["devflow.yaml"]);
  });

  test("the lock of a process that is gone is taken over", async () => {
    const { child } = promisify(execFile)(process.execPath, ["-e", ""]) as unknown as {
      child: { pid: number; once(event: string, done: () => void): void };
    };
    await new Promise<void>((done) => child.once("exit", done));
    const { hostname } = await import("node:os");
    await writeFile(`${file}.lock`, JSON.stringify({ pid: child.pid, host: hostname(), id: "gone" }));
    await Promise.all([updateAnswers(file, { profile: "full" }), updateAnswers(file, { "network.port": 5000 })]);
    expect(resolveSettings({ answers: await readAnswers(file) }).settings).toMatchObject({
      profile: "full",
      network: { port: 5000 },
    });
    expect(await readdir(folder)).toEqual(["devflow.yaml"]);
  });

  test("a live process that holds the lock is named after a while", async () => {
    await withFileLock(file, async () => {
      await expect(withFileLock(file, async () => "never", 100)).rejects.toMatchObject({
        code: "LOCKED",
        message: expect.stringContaining(`process ${process.pid} `),
      });
    });
    expect(await withFileLock(file, async () => "free again")).toBe("free again");
    await expect(withFileLock(file, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await readdir(folder)).toEqual([]);
  });

  test("a folder that may not be written to is told in words", async () => {
    if (process.getuid?.() === 0) {
      // Root may write anywhere, so the folder is made impossible instead: a file stands where it should be.
      await writeFile(join(folder, "plain"), "");
      await expect(writeAnswers(join(folder, "plain", "devflow.yaml"), { version: 1 })).rejects.toMatchObject({
        code: "COMMAND_FAILED",
      });
      return;
    }
    await chmod(folder, 0o500);
    await expect(writeAnswers(file, { version: 1 })).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    await chmod(folder, 0o700);
  });
});
