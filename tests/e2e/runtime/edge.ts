/**
 * The part of the edge runtime that starts workers, for Deno: each function answers what its worker was given. Deno is
 * what the edge runtime is made of; the workers are its own and are not to be had outside of its image.
 */
interface Options {
  servicePath: string;
  envVars: [string, string][];
}
const { Deno, EdgeRuntime: _ } = globalThis as unknown as {
  Deno: { stat(path: string): Promise<unknown> };
  EdgeRuntime?: unknown;
};

Object.assign(globalThis, {
  EdgeRuntime: {
    userWorkers: {
      async create({ servicePath, envVars }: Options) {
        await Deno.stat(`${servicePath}/index.ts`).catch(() => {
          throw new Error("worker boot error: could not find an appropriate entrypoint");
        });
        return {
          fetch: async (request: Request) =>
            Response.json({ servicePath, env: Object.fromEntries(envVars), body: await request.text() }),
        };
      },
    },
  },
});

await import("../../../configs/runtime/functions-main.ts");
