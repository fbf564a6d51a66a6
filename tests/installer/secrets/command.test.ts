import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homePaths, stackPaths } from "../../../components/provider/paths.ts";
import { envFileStore } from "../../../installer/secrets/env-file.ts";

const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));

describe("devflow secrets without a running stack", () => {
  let folder: string;
  const paths = () => stackPaths(join(folder, "home"), "local");
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "devflow-secrets-cli-"));
    await mkdir(paths().logs, { recursive: true, mode: 0o700 });
    await envFileStore(paths().secrets).set("code/secret-key", "planted-generated-value");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("set takes the value from standard input, get prints it, list does not", async () => {
    const set = await devflow(["secrets", "set", "MAIL_PASSWORD"], "planted value\n");
    expect([set.code, set.stdout]).toEqual([0, ""]);
    expect((await devflow(["secrets", "get", "MAIL_PASSWORD"])).stdout).toBe("planted value\n");
    for (const more of [[], ["--json"]]) {
      const { stdout, stderr } = await devflow(["secrets", "list", ...more]);
      expect(stdout).toContain("MAIL_PASSWORD");
      expect(stdout).toContain("code/secret-key");
      expect(stdout + stderr).not.toContain("planted");
    }
  });

  test("there is no way to give a value as an argument", async () => {
    for (const args of [
      ["secrets", "set", "A", "planted"],
      ["secrets", "set", "A", "--value", "planted"],
      ["secrets", "set", "A", "--reference", "planted"],
    ]) {
      const { code, stdout, stderr } = await devflow(args);
      expect(code).toBe(2);
      expect(stdout + stderr.replace("planted", "")).not.toContain("planted");
    }
    expect((await devflow(["secrets", "get", "A"])).code).toBe(11);
  });

  test("a generated secret is neither set nor deleted by hand, and a name must fit an environment", async () => {
    expect((await devflow(["secrets", "set", "code/secret-key"], "x")).stderr).toContain(
      "secrets rotate code/secret-key",
    );
    expect((await devflow(["secrets", "set", "mail-password"], "x")).code).toBe(2);
    expect((await devflow(["secrets", "get", "MAIL_PASWORD"])).stderr).toContain("Did you mean MAIL_PASSWORD?");
  });

  test("import shows names, what changes and no value, and changes nothing without agreement", async () => {
    const file = join(folder, "app.env");
    await writeFile(file, 'NEW_ONE=planted-1\nMAIL_PASSWORD="planted value"\nLATER=op://dev/app/token\n');
    const asked = await devflow(["secrets", "import", file]);
    expect([asked.code, asked.stdout]).toEqual([2, ""]);
    expect((await devflow(["secrets", "get", "NEW_ONE"])).code).toBe(11);
    const done = await devflow(["secrets", "import", file, "--yes", "--json"]);
    expect(JSON.parse(done.stdout).imported).toEqual([
      { name: "LATER", change: "new", kind: "reference" },
      { name: "MAIL_PASSWORD", change: "same", kind: "value of 13 characters" },
      { name: "NEW_ONE", change: "new", kind: "value of 9 characters" },
    ]);
    expect(asked.stderr + done.stdout + done.stderr).not.toContain("planted");
    expect((await devflow(["secrets", "get", "NEW_ONE"])).stdout).toBe("planted-1\n");
  });

  test("doctor finds readable files, references that fail, copies and begun rotations", async () => {
    await writeFile(join(paths().logs, "platform.log"), "oops planted-generated-value\n", { mode: 0o600 });
    await writeFile(join(folder, ".env"), "COPY=planted-generated-value\n", { mode: 0o600 });
    await envFileStore(paths().secrets).set("code/secret-key--former", "former");
    const { code, stdout } = await devflow(["secrets", "doctor", "--json"]);
    const { ok, findings } = JSON.parse(stdout);
    expect([code, ok]).toEqual([1, false]);
    const kinds = findings.map(({ kind, what }: { kind: string; what: string }) => [kind, what]);
    expect(kinds).toContainEqual(["reference", expect.stringContaining("op://dev/app/token could not be read")]);
    expect(kinds).toContainEqual([
      "copy",
      `${join(paths().logs, "platform.log")} holds the value of code/secret-key as it is.`,
    ]);
    expect(kinds).toContainEqual(["copy", `${join(folder, ".env")} holds the value of code/secret-key as it is.`]);
    expect(kinds).toContainEqual(["rotation", expect.stringContaining("code/secret-key")]);
    expect(stdout).not.toContain("planted");
    await chmod(paths().platformSecrets, 0o644);
    const open = await devflow(["secrets", "doctor"]);
    expect(open.stdout).toMatch(/Others may read .*platform\.env \(mode 644\)/);
    await chmod(paths().platformSecrets, 0o600);
  });

  test("delete asks first and takes away only what it names", async () => {
    expect((await devflow(["secrets", "delete", "NEW_ONE"])).code).toBe(2);
    expect((await devflow(["secrets", "delete", "NEW_ONE", "--yes"])).code).toBe(0);
    expect((await devflow(["secrets", "delete", "NEW_ONE", "--yes"])).code).toBe(11);
    expect(await readFile(paths().platformSecrets, "utf8")).toContain("MAIL_PASSWORD=");
  });

  test("secrets of organisations are kept by the platform, so it must run; of a platform elsewhere they need a key", async () => {
    const { code, stderr } = await devflow(["secrets", "set", "A", "--tier", "organisation"], "x");
    expect([code, stderr]).toEqual([10, expect.stringContaining("`./devflow up` starts it")]);
    const elsewhere = ["--set", "stack.kind=onprem", "--set", "network.tls=off"];
    const away = await devflow(["secrets", "set", "A", "--tier", "organisation", ...elsewhere], "x");
    expect([away.code, away.stderr]).toEqual([2, expect.stringContaining("DEVFLOW_API_KEY")]);
    expect((await devflow(["secrets", "set", "A", "--tier", "project"], "x")).stderr).toContain("--project");
  });

  test("a secret that is no UTF-8 text is refused, from standard input, a file and an imported file", async () => {
    const bytes = [
      Buffer.from([0xff, 0xfe]),
      Buffer.from("key\0more"),
      Buffer.from([0x61, 0xc3]),
      Buffer.from([0xed, 0xa0, 0x80]),
    ];
    for (const value of bytes) {
      const piped = await devflow(["secrets", "set", "B"], value);
      expect([piped.code, piped.stderr]).toEqual([2, expect.stringContaining("base64")]);
      const file = join(folder, "binary");
      await writeFile(file, Buffer.concat([Buffer.from("B="), value]));
      expect((await devflow(["secrets", "set", "B", "--file", file])).code).toBe(2);
      expect((await devflow(["secrets", "import", file, "--yes"])).code).toBe(2);
    }
    expect((await devflow(["secrets", "get", "B"])).code).toBe(11);
    for (const text of ["\ufeffkey", "schlüssel \u{1f511}", "a b "]) {
      expect((await devflow(["secrets", "set", "B"], text)).code).toBe(0);
      expect((await devflow(["secrets", "get", "B"])).stdout).toBe(`${text}\n`);
    }
  });

  function devflow(
    args: string[],
    input: string | Buffer = "",
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const { DEVFLOW_API_KEY: _key, ...env } = process.env;
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: folder,
      env: { ...env, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache, CI: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (more: string) => {
        text[name] += more;
      });
    }
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...text })));
  }
});
