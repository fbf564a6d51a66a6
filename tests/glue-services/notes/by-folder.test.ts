import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { buildDashboard } from "../../../glue-services/dashboard/build.ts";
import { issueLink } from "../../../glue-services/identity/one-time-link.ts";
import { contextsFile } from "../../../installer/contexts/contexts.ts";
import { cloneDatabase } from "../build.ts";
import { browser, claim, complaints } from "../dashboard/browser.ts";
import { builds } from "../dashboard/platform.ts";
import { configuration } from "../host/configuration.ts";
import { freePort } from "../postgres-server.ts";
import { checkoutWithNotes, run } from "./checkout.ts";

const secret = "tests-only-tests-only-tests-only-tests-only";

test("a service is added by its folder alone, and serves browser, command line, agents and programs", async () => {
  const checkout = await checkoutWithNotes();
  const home = await mkdtemp(join(tmpdir(), "devflow-home-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));

  // Its setting is one of devflow.yaml, with a default, and what is not allowed is refused.
  const settings = await settingsOf(checkout, "notes.most=3");
  expect(settings.notes).toEqual({ most: 3 });
  await expect(settingsOf(checkout, "notes.most=0")).rejects.toThrow("notes.most");

  const built = await builtIn(checkout, join(home, "dashboard"));
  const { url, owner } = await serve(checkout, { home, settings });

  // The page is in the menu of whoever may see it, and a page below has the parts of its address.
  const page = await (await browser()).newPage();
  const wrong = complaints(page);
  await claim(page, await issueLink(owner, url, "welcome"));
  const { key } = (await page.evaluate(
    `fetch("/api/identity/keys", { method: "POST", headers: { "content-type": "application/json" },
       body: JSON.stringify({ name: "test", scopes: ["notes:read", "notes:write", "keys:read", "keys:write", "mcp:use"], personal: true }) })
       .then((answer) => answer.json())`,
  )) as { key: string };

  const devflow = await commandLine(checkout, { home, url, key });
  expect(await devflow("notes", "write", "print", "the", "tide", "table")).toMatchObject({
    text: "print the tide table",
  });
  const [written] = (await devflow("notes", "list")) as { id: string; text: string }[];
  expect(await devflow("notes", "show", written?.id ?? "")).toEqual(written);

  // Commands that another service declares.
  const made = (await devflow(
    "keys",
    "make",
    "ci",
    "--scopes",
    "notes:read",
    "--scopes",
    "notes:write",
    "--days",
    "7",
  )) as {
    id: string;
  };
  expect(made).toMatchObject({
    name: "ci",
    scopes: ["notes:read", "notes:write"],
    key: expect.stringMatching(/^dfk_/),
  });
  expect(await devflow("keys", "revoke", made.id)).toBeNull();
  expect(await devflow("keys", "list")).toContainEqual(
    expect.objectContaining({ id: made.id, revokedAt: expect.any(String) }),
  );

  await page.goto(`${url}/notes`);
  await page.getByRole("link", { name: "print the tide table" }).click();
  await page.getByRole("blockquote").getByText("print the tide table").waitFor();
  expect(await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Notes" }).count()).toBe(1);
  expect(wrong).toEqual([]);

  // The event was heard and the job ran.
  await expect
    .poll(async () => (await owner.query("select what from notes.effect order by what")).rows)
    .toEqual([{ what: "counted" }, { what: "printed" }]);

  const agent = new Client({ name: "test", version: "1" });
  const headers = { authorization: `Bearer ${key}` };
  await agent.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } }));
  onTestFinished(() => agent.close());
  const found = await agent.callTool({ name: "find_notes", arguments: { query: "TIDE" } });
  expect(found.structuredContent).toEqual({ notes: [written] });

  const write = () =>
    fetch(`${url}/api/notes`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ text: "one more" }),
    });
  expect([(await write()).status, (await write()).status, (await write()).status]).toEqual([201, 201, 409]);
  const described = await (await fetch(`${url}/api/openapi.json`)).json();
  expect(described.paths["/api/notes/{id}"].get.security).toContainEqual({ key: ["notes:read"] });
  const scopes = await (await fetch(`${url}/api/identity/scopes`, { headers })).json();
  expect(scopes).toContainEqual(expect.objectContaining({ name: "notes:read", lets: "Read notes", service: "Notes" }));

  // What the first page loads does not grow with services.
  const [before, after] = [await firstScripts(await buildDashboard(builds)), await firstScripts(built)];
  expect(after).toBeLessThanOrEqual(200 * 1024);
  expect(Math.abs(after - before)).toBeLessThan(200);
});

/** The services' sections of the settings, as a stack of this checkout hands them over. */
async function settingsOf(checkout: string, assignment: string): Promise<Record<string, unknown>> {
  const program = `
    import { resolveSettings } from "./stacks/config/index.ts";
    import { servicesOf } from "./stacks/services.ts";
    const { settings } = resolveSettings({ set: [${JSON.stringify(assignment)}], env: {}, cwd: "/" });
    console.log(JSON.stringify(servicesOf(settings).settings));`;
  const { stdout } = await run(process.execPath, ["--input-type=module-typescript", "-e", program], { cwd: checkout });
  return JSON.parse(stdout);
}

async function builtIn(checkout: string, out: string): Promise<string> {
  const { stdout } = await run(process.execPath, ["glue-services/dashboard/build.ts", "--out", out], { cwd: checkout });
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** Starts the checkout's host as a stack does. */
async function serve(
  checkout: string,
  { home, settings }: { home: string; settings: Record<string, unknown> },
): Promise<{ url: string; owner: pg.Pool }> {
  const { url: database, owner } = await cloneDatabase();
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ["glue-services/host/server.ts"], {
    cwd: checkout,
    env: {
      PATH: process.env.PATH ?? "",
      ...{ PORT: String(port), PUBLIC_URL: url, DATABASE_URL: database },
      SERVICES: "platform,dashboard,identity,mcp-gateway,notes",
      SERVICES_CONFIG: await configuration({
        resources: { signOn: { secret }, dataFolder: home, webApp: join(home, "dashboard"), docs: home },
        settings,
      }),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (part) => (output += part));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status ?? output.slice(-2000);
  await expect.poll(ready).toBe(200);
  return { url, owner };
}

/** The checkout's commands, signed in to the platform. Answers what they print with `--json`. */
async function commandLine(
  checkout: string,
  { home, url, key }: { home: string; url: string; key: string },
): Promise<(...args: string[]) => Promise<unknown>> {
  const env = { PATH: process.env.PATH ?? "", HOME: home, DEVFLOW_HOME: join(home, "devflow") };
  const context = {
    ...{ url, key, id: "-", scopes: [], expiresAt: "2100-01-01T00:00:00Z" },
    person: { name: "Ada", email: "ada@example.com" },
    organisation: { name: "Example Ltd", slug: "example-ltd" },
  };
  const file = contextsFile(env);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ current: "here", contexts: { here: context } }), { mode: 0o600 });
  return async (...args) => {
    const { stdout } = await run(process.execPath, ["installer/cli.ts", ...args, "--json"], { cwd: checkout, env });
    return JSON.parse(stdout);
  };
}

/** Bytes of the scripts that a browser fetches, compressed, before it shows the first page. */
async function firstScripts(folder: string): Promise<number> {
  const html = await readFile(join(folder, "index.html"), "utf8");
  const names = [...html.matchAll(/(?:src|href)="\/app\/(assets\/[^"]+\.js)"/g)].map(([, name = ""]) => name);
  expect(names).not.toEqual([]);
  const sizes = names.map(async (name) => {
    const file = join(folder, name);
    return (await stat(existsSync(`${file}.br`) ? `${file}.br` : file)).size;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
