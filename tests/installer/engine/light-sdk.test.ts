import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = new URL("../../..", import.meta.url);

// In a process of its own: this one may have the SDK loaded already.
it("the engine loads the SDK without compiler and resolver, and both are there for whoever asks", async () => {
  const { loaded, source, after } = await node(`
    import "./installer/engine/in-process.ts";
    import { createRequire } from "node:module";
    const require = createRequire(new URL("package.json", "${root}"));
    const pulumi = require("@pulumi/pulumi");
    const heavy = () => Object.keys(require.cache).filter((path) => /node_modules.(typescript|@npmcli)\\b/.test(path)).length;
    const loaded = heavy();
    const { text } = await pulumi.runtime.serializeFunction(() => 42);
    console.log(JSON.stringify({ loaded, source: text, after: heavy() }));
  `);
  expect(loaded).toBe(0);
  expect(source).toContain("return () => 42");
  expect(after).toBeGreaterThan(0);
});

it("the engine loads no way to drive the CLI, and whoever imports it gets the whole of it", async () => {
  const { loaded, names, same } = await node(`
    import "./installer/engine/in-process.ts";
    import { createRequire } from "node:module";
    const require = createRequire(new URL("package.json", "${root}"));
    const pulumi = require("@pulumi/pulumi");
    const loaded = Object.keys(require.cache).filter((path) => /node_modules.execa\\b|automation.stack/.test(path)).length;
    const { LocalWorkspace, PulumiCommand, ConcurrentUpdateError } = await import("@pulumi/pulumi/automation/index.js");
    const names = [LocalWorkspace, PulumiCommand, ConcurrentUpdateError].map(({ name }) => name);
    console.log(JSON.stringify({ loaded, names, same: pulumi.automation.LocalWorkspace === LocalWorkspace }));
  `);
  expect(loaded).toBe(0);
  expect(names).toEqual(["LocalWorkspace", "PulumiCommand", "ConcurrentUpdateError"]);
  expect(same).toBe(true);
});

it("a command that only looks loads no SDK and no client of release servers", async () => {
  const { files } = await node(`
    import { registerHooks } from "node:module";
    const files = new Set();
    registerHooks({ load: (url, context, next) => (files.add(url), next(url, context)) });
    await import("./installer/stack.ts").then(({ openStack }) => openStack({ env: {}, cwd: "/" }, {}));
    for (const name of ["status", "doctor", "logs"]) await import(\`./installer/commands/\${name}.ts\`);
    console.log(JSON.stringify({ files: [...files].filter((url) => /node_modules.(undici|@npmcli|typescript)/.test(url)) }));
  `);
  expect(files).toEqual([]);
});

it("a command that speaks to what runs loads neither engine nor providers", async () => {
  const { files } = await node(`
    import { registerHooks } from "node:module";
    const files = new Set();
    registerHooks({ load: (url, context, next) => (files.add(url), next(url, context)) });
    const { platformApi } = await import("./installer/platform-api.ts");
    const io = { env: { HOME: "/nowhere", DEVFLOW_API_KEY: "dfk_a" }, cwd: "/" };
    await platformApi(io, {}, { needs: "", scopes: "", docs: "" });
    for (const name of ["hub", "users", "knowledge"]) await import(\`./installer/commands/\${name}.ts\`);
    const heavy = /components.provider.(index|resources)|installer.(engine|embedded|pulumi)/;
    console.log(JSON.stringify({ files: [...files].filter((url) => heavy.test(url)) }));
  `);
  expect(files).toEqual([]);
});

async function node(script: string) {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}
