import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
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
export const webBuild: ResourceProvider<Type.Static<typeof Inputs>, { path: string }> = {
  inputs: Inputs,
  async create(_inputs, context) {
    const path = await build(context);
    return { id: path, outputs: { path } };
  },
  async update(_id, _inputs, _old, context) {
    return { path: await build(context) };
  },
  async read(_id, _inputs, outputs) {
    const there = await stat(join(outputs.path, "index.html")).catch(() => undefined);
    return there && outputs;
  },
  async delete() {},
};

/** The build tool works on standard error and says the folder in its last line. */
async function build(context: Context): Promise<string> {
  const { host, signal, report } = context;
  report({ phase: "building the dashboard" });
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  const printed = await run(
    [
      process.execPath,
      join(host.root, "glue-services", "dashboard", "build.ts"),
      "--out",
      join(host.home.cache, "dashboard"),
    ],
    { env: { PATH, HOME, LANG, TMPDIR }, cwd: host.root, timeout: 300_000, signal },
  );
  return printed.trim().split("\n").at(-1) ?? "";
}
