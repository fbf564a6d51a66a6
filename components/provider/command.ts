import { createHash } from "node:crypto";
import { Type } from "typebox";
import type { Context, ResourceProvider } from "./provider.ts";
import { run } from "./run.ts";

const Inputs = Type.Object({
  command: Type.Array(Type.String(), { minItems: 1 }),
  env: Type.Record(Type.String(), Type.String()),
  cwd: Type.String(),
  timeout: Type.Integer({ minimum: 1 }),
  triggers: Type.Array(Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

/** A program run to its end. It must be one that may run twice, since a crash can come between its end and its record. */
export const command: ResourceProvider<Inputs, { outputHash: string }> = {
  inputs: Inputs,
  async create(inputs, context) {
    const outputs = await runOnce(inputs, context);
    return { id: outputs.outputHash.slice(0, 16), outputs };
  },
  update: (_id, inputs, _old, context) => runOnce(inputs, context),
  async delete() {},
};

async function runOnce(inputs: Inputs, context: Context): Promise<{ outputHash: string }> {
  context.report({ phase: "running" });
  const { PATH, HOME, LANG, TZ, TMPDIR } = process.env;
  const env = { PATH, HOME, LANG, TZ, TMPDIR, ...inputs.env };
  const printed = await run(inputs.command, { ...context, ...inputs, env });
  return { outputHash: createHash("sha256").update(printed).digest("hex") };
}
