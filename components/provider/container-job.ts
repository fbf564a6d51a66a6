import { createHash } from "node:crypto";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { type DockerEngine, dockerEngine } from "./docker/engine.ts";
import { demultiplex } from "./docker/streams.ts";
import type { Context, ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  host: Type.Optional(Type.String()),
  /** Name of the container while it runs. */
  name: Type.String({ pattern: "^[a-z][a-z0-9_.-]*$" }),
  image: Type.String(),
  command: Type.Array(Type.String(), { minItems: 1 }),
  env: Type.Record(Type.String(), Type.String()),
  user: Type.Optional(Type.String()),
  network: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  /** Bytes. */
  memory: Type.Integer({ minimum: 1 }),
  /** Milliseconds. */
  timeout: Type.Integer({ minimum: 1 }),
  triggers: Type.Array(Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

/**
 * A container that runs to its end. It is made, run and removed within one step, so one that fails or is cut off leaves
 * nothing that would pass for done, and the next run does it again.
 */
export const containerJob: ResourceProvider<Inputs, { outputHash: string }> = {
  inputs: Inputs,
  replaceOn: ["host", "name"],
  async create(inputs, context) {
    const outputs = await runOnce(inputs, context);
    return { id: outputs.outputHash.slice(0, 16), outputs };
  },
  update: (_id, inputs, _old, context) => runOnce(inputs, context),
  async delete(_id, inputs) {
    await using engine = dockerEngine(inputs.host);
    await remove(engine, inputs.name);
  },
};

async function runOnce(inputs: Inputs, { signal, report }: Context): Promise<{ outputHash: string }> {
  report({ phase: "running" });
  await using engine = dockerEngine(inputs.host);
  // One that was cut off in the middle is not joined: nobody knows what it was started with.
  await remove(engine, inputs.name);
  const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=${inputs.name}`, body(inputs));
  try {
    await engine.call("POST", `/containers/${id}/start`);
    const code = await ended(engine, id, inputs.timeout, signal);
    const { output, lines } = await printed(engine, id);
    if (code === 0) return { outputHash: createHash("sha256").update(output).digest("hex") };
    throw failure(inputs, code === undefined ? `no end after ${inputs.timeout / 1000} s` : `exit code ${code}`, lines);
  } finally {
    await remove(engine, id);
  }
}

function body({ image, command, env, user, network, labels, memory }: Inputs): object {
  const [program, ...args] = command;
  return {
    Image: image,
    Entrypoint: [program],
    Cmd: args,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(user && { User: user }),
    Labels: labels,
    HostConfig: {
      NetworkMode: network,
      Memory: memory,
      MemorySwap: memory,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "mode=1777" },
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } },
    },
  };
}

/** The exit code, or undefined when it took too long. */
async function ended(
  engine: DockerEngine,
  id: string,
  timeout: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const deadline = Date.now() + timeout;
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 2000)) {
    signal.throwIfAborted();
    const { State: state } = await engine.call<{ State: { Status: string; ExitCode: number } }>(
      "GET",
      `/containers/${id}/json`,
    );
    if (state.Status === "exited" || state.Status === "dead") return state.ExitCode;
    if (Date.now() > deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function printed(engine: DockerEngine, id: string): Promise<{ output: string; lines: string }> {
  const [output, lines]: [Buffer[], Buffer[]] = [[], []];
  const take = demultiplex({
    stdout: (piece) => {
      output.push(piece);
      lines.push(piece);
    },
    stderr: (piece) => {
      lines.push(piece);
    },
  });
  for await (const piece of await engine.bytes("GET", `/containers/${id}/logs?stdout=1&stderr=1`)) take(piece);
  return { output: Buffer.concat(output).toString(), lines: Buffer.concat(lines).toString() };
}

async function remove(engine: DockerEngine, container: string): Promise<void> {
  if (await engine.find(`/containers/${container}/json`)) {
    await engine.call("DELETE", `/containers/${container}?force=true&v=true`);
  }
}

function failure({ command }: Inputs, how: string, lines: string): DevflowError {
  const last = lines.trim().split("\n").slice(-8).join("\n");
  return new DevflowError(
    "COMMAND_FAILED",
    `${command.slice(0, 3).join(" ")} … failed (${how})${last && `:\n${last}`}`,
    {
      hint: "The lines above are its own; correct the cause and run `./devflow up` again, which runs it anew.",
    },
  );
}
