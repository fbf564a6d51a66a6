import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import type { Host } from "./host.ts";
import type { Context, ResourceProvider } from "./provider.ts";
import { run } from "./run.ts";

const Inputs = Type.Object({
  /** Of the sources; a change builds anew. */
  hash: Type.String(),
});

/**
 * The dashboard's pages, built from this checkout into the cache. The build goes by the content of its sources, so it is
 * made once for each state of them, whichever stack asks; deleting leaves the cache alone.
 */
export const webBuild: ResourceProvider<Type.Static<typeof Inputs>, Outputs> = {
  inputs: Inputs,
  preview: (_inputs, { host }) => ({ path: folderOf(host) }),
  identify: (_inputs, { host }) => folderOf(host),
  async create(_inputs, context) {
    return { id: folderOf(context.host), outputs: await build(context) };
  },
  update: (_id, _inputs, _old, context) => build(context),
  async read(_id, _inputs, outputs) {
    const there = await stat(join(outputs.built, "index.html")).catch(() => undefined);
    return there && outputs;
  },
  async delete() {},
};

interface Outputs {
  /** Folder of the builds; the services know which of them is theirs. */
  path: string;
  /** This checkout's. */
  built: string;
}

function folderOf({ home }: Host): string {
  return join(home.cache, "dashboard");
}

/** The build tool works on standard error and says the folder in its last line. */
async function build(context: Context): Promise<Outputs> {
  const { host, signal, report } = context;
  report({ phase: "building the dashboard" });
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  const script = join(host.root, "glue-services", "dashboard", "build.ts");
  const path = folderOf(host);
  const printed = await run([process.execPath, script, "--out", path], {
    env: { PATH, HOME, LANG, TMPDIR },
    cwd: host.root,
    timeout: 300_000,
    signal,
  });
  return { path, built: printed.trim().split("\n").at(-1) ?? "" };
}
