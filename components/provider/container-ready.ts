import { connect } from "node:net";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import type { ResourceProvider } from "./provider.ts";
import { type Endpoint, open, Reach } from "./reach/index.ts";

const Inputs = Type.Object({
  reach: Reach,
  /** As other containers reach it. */
  host: Type.String(),
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  /** Path that must answer 200 to 399; absent: that a connection comes about is enough. */
  path: Type.Optional(Type.String()),
  /** Milliseconds. */
  timeout: Type.Integer({ minimum: 1 }),
  /** Id of the container: another one is waited for again. */
  instance: Type.String(),
});
type Inputs = Type.Static<typeof Inputs>;

/**
 * Made when a container answers. For images that have no program that could ask from within; it holds back what depends
 * on the container and changes nothing.
 */
export const containerReady: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  identify: ({ host }) => host,
  async create(inputs, context) {
    await wait(inputs, context.signal);
    return { id: inputs.host, outputs: {} };
  },
  async update(_id, inputs, _old, context) {
    await wait(inputs, context.signal);
    return {};
  },
  async delete() {},
};

async function wait(inputs: Inputs, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + inputs.timeout;
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 2000)) {
    signal.throwIfAborted();
    const problem = await ask(inputs, signal);
    if (problem === undefined) return;
    if (Date.now() > deadline) throw late(inputs, problem);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** What is wrong with it; undefined when it answers. */
async function ask(inputs: Inputs, signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(5000)]);
  try {
    await using way = await open(inputs.reach, inputs, limit);
    if (inputs.path === undefined) return await connects(way, limit);
    const { request } = await import("undici");
    const { statusCode, body } = await request(`http://${way.host}:${way.port}${inputs.path}`, { signal: limit });
    await body.dump();
    return statusCode < 400 ? undefined : `HTTP ${statusCode} at ${inputs.path}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function connects({ host, port }: Endpoint, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", reject);
  });
}

function late({ host, timeout }: Inputs, problem: string): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `${host} did not become ready within ${timeout / 1000} s: ${problem}.`, {
    hint: `See \`docker logs\` of its container, or \`./devflow logs ${host}\`; then run \`./devflow up\` again.`,
  });
}
