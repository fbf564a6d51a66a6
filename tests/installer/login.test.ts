import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { homePaths } from "../../components/provider/paths.ts";
import { platformAddress } from "../../installer/contexts/address.ts";
import { firstAdministrator, platform, type Visitor } from "../glue-services/identity/platform.ts";

const cli = fileURLToPath(new URL("../../installer/cli.ts", import.meta.url));

/** A platform that listens, its first person at a browser, and a command line on a machine of its own. */
async function start() {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await on.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(on.app.server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), "devflow-login-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { on, ada, url, folder, line: commandLine(folder) };
}

type CommandLine = ReturnType<typeof commandLine>;

function commandLine(folder: string) {
  const { DEVFLOW_API_KEY: _key, DEVFLOW_CONTEXT: _context, DISPLAY: _display, ...rest } = process.env;
  const env = { ...rest, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache, CI: "1", NO_COLOR: "1" };
  return (args: string[], { more = {}, heard }: { more?: object; heard?: (stderr: string) => void } = {}) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: { ...env, ...more }, stdio: "pipe" });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        if (name === "stderr") heard?.(said.stderr);
      });
    }
    child.stdin.end();
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, ...said })),
    );
  };
}

/** Types the command, and answers as its person as soon as it shows its code. */
async function loggedIn(line: CommandLine, ada: Visitor, args: string[], decision: object = { accept: true }) {
  let userCode: string | undefined;
  let decided: Promise<unknown> | undefined;
  const said = await line(["login", ...args, "--no-browser"], {
    heard(stderr) {
      userCode ??= /compare the code: (\S+)/.exec(stderr)?.[1];
      if (userCode) decided ??= ada.send("POST", "/api/identity/devices/decision", { userCode, ...decision });
    },
  });
  await decided;
  return said;
}

describe("a machine that is signed in to a platform elsewhere", () => {
  test("acts there as its person until it is signed out, and keeps its key to itself", async () => {
    const { on, ada, url, folder, line } = await start();
    const said = await loggedIn(line, ada, [url, "--name", "work"]);
    expect([said.code, said.stdout], said.stderr).toEqual([0, ""]);
    expect(said.stderr).toMatch(/^Open http:\/\/127\.0\.0\.1:\d+\/device\?code=[B-Z]{4}-[B-Z]{4}\n/);
    expect(said.stderr).toContain("Signed in as ada@example.com in Example Ltd; commands now go to work.");
    const file = join(folder, "home", "contexts.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { key } = JSON.parse(await readFile(file, "utf8")).contexts.work;
    expect(said.stderr).not.toContain(key);

    const me = JSON.parse((await line(["api", "/api/identity/me", "--json"])).stdout);
    expect(me).toMatchObject({ name: "Ada", email: "ada@example.com" });
    const made = await line(["api", "POST", "/api/identity/roles/tester", "--json"]);
    expect([made.code, JSON.parse(made.stdout).error.code]).toEqual([11, "NOT_FOUND"]);
    const role = ["api", "PUT", "/api/identity/roles/tester", "--field", "description=Tests"];
    const put = await line([...role, "--field", 'permissions=["keys:read"]']);
    expect(put.code, put.stderr).toBe(0);
    const list = await line(["contexts", "list"]);
    expect(list.stdout).toMatch(/\*\s+work\s+http:\/\/127\.0\.0\.1:\d+\s+Example Ltd\s+ada@example\.com/);
    expect(list.stdout).not.toContain(key);
    expect((await line(["contexts", "list", "--json"])).stdout).not.toContain(key);

    // Signing in again replaces the key, and ends the one before.
    await loggedIn(line, ada, [url, "--name", "work"]);
    const status = async (bearer: string) =>
      (await on.app.inject({ url: "/api/identity/me", headers: { authorization: `Bearer ${bearer}` } })).statusCode;
    await expect.poll(() => status(key)).toBe(401);

    const out = await line(["logout"]);
    expect([out.code, out.stderr]).toEqual([0, "Signed out of work.\n"]);
    const { rows } = await on.owner.query("select from identity.api_key where personal and revoked_at is null");
    expect(rows).toHaveLength(0);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ contexts: {} });
  });

  test("says so when its key was ended there, and how to go on", async () => {
    const { on, ada, url, line } = await start();
    await loggedIn(line, ada, [url]);
    await on.owner.query("update identity.api_key set revoked_at = now()");
    const said = await line(["api", "/api/identity/me"]);
    expect([said.code, said.stderr.replaceAll(/\s+/g, " ")]).toEqual([
      2,
      expect.stringMatching(/The sign-in at http:\/\/127\.0\.0\.1:\d+ has ended\..*\.\/devflow login http:.* --name/),
    ]);
    const out = await line(["logout"]);
    expect([out.code, out.stderr]).toEqual([0, expect.stringContaining("Signed out")]);
  });

  test("is not, when its person refuses", async () => {
    const { ada, url, line } = await start();
    const said = await loggedIn(line, ada, [url], { accept: false });
    expect([said.code, said.stderr]).toEqual([13, expect.stringContaining("You refused it in the browser.")]);
    expect((await line(["contexts", "list"])).stderr).toContain("None");
  });

  test("sends a key that is given for a stack nowhere else", async () => {
    const { ada, url, line, folder } = await start();
    await loggedIn(line, ada, [url, "--name", "work"]);
    await writeFile(join(folder, "key"), "dfk_of-another-platform\n");
    // Nothing listens at the stack's own port: it was asked, and not the platform that is in use.
    const own = ["--set", "network.port=1"];
    for (const args of [["--key-file", "key", ...own], own]) {
      const said = await line(["knowledge", "sources", ...args]);
      expect([said.code, said.stderr], said.stderr).not.toEqual([0, expect.anything()]);
      expect(said.stderr).not.toContain(url);
    }
    const local = await line(["api", "/api/identity/me", ...own], { more: { DEVFLOW_CONTEXT: "local" } });
    expect(local.code).not.toBe(0);
    const there = await line(["api", "/api/identity/me", "--context", "work", ...own]);
    expect(there.code, there.stderr).toBe(0);
    expect((await line(["contexts", "use", "local"])).code).toBe(0);
    expect((await line(["contexts", "use", "wrok"])).stderr.replaceAll(/\s+/g, " ")).toContain("Did you mean work?");
  });

  test("leaves a file that it cannot read as it is", async () => {
    const { url, line, folder } = await start();
    await line(["contexts", "use", "local"]);
    const file = join(folder, "home", "contexts.json");
    for (const text of ["{", '{"contexts":{"x":{"url":"ftp://x"}}}', "[]"]) {
      await writeFile(file, text);
      const said = await line(["login", url, "--no-browser"]);
      expect([said.code, said.stderr.replaceAll(/\s+/g, " ")]).toEqual([
        3,
        expect.stringContaining("cannot be understood"),
      ]);
      expect(await readFile(file, "utf8")).toBe(text);
    }
  });
});

describe("the address of a platform", () => {
  test.each([
    ["dev.example.com", "https://dev.example.com"],
    ["dev.example.com:8443", "https://dev.example.com:8443"],
    ["https://dev.example.com/o/acme/overview?x=1#y", "https://dev.example.com"],
    ["localhost:4400", "http://localhost:4400"],
    ["http://code.localhost:4400/", "http://code.localhost:4400"],
    ["http://[::1]:4400", "http://[::1]:4400"],
    ["HTTPS://Dev.Example.com", "https://dev.example.com"],
  ])("%s is %s", (typed, origin) => expect(platformAddress(typed)).toBe(origin));

  test.each([
    "",
    "http://dev.example.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "https://user:secret@dev.example.com",
    "ftp://dev.example.com",
    "file:///etc/passwd",
    "https://",
    "a b",
  ])("%j is refused", (typed) => expect(() => platformAddress(typed)).toThrow(/is not the address of a platform/));
});

test.each([
  [["api"], "method"],
  [["api", "FETCH", "/api/x"], "FETCH is no method"],
  [["api", "http://evil.example/api/x"], "no path of the platform"],
  [["api", "/api/../internal/metrics"], "no path of the platform"],
  [["api", "POST", "/api/x", "--body", "[1]"], "not a JSON object"],
  [["api", "POST", "/api/x", "--field", "nothing"], "no field"],
])("%j says what is wrong with it", async (args, says) => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-login-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const said = await commandLine(folder)(args);
  expect([said.code, said.stderr.replaceAll(/\s+/g, " ")]).toEqual([2, expect.stringContaining(says)]);
});
