import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Endpoint, Way } from "../reach/reach.ts";
import type { DockerEngine } from "./engine.ts";
import { attach, demultiplex } from "./streams.ts";

/** What the container beside the workload runs for each connection. */
const script = `
const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect(Number(port), host);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on("error", (error) => { console.error(error.message); process.exit(1); });
socket.on("close", () => process.exit(0));
`;

/**
 * A port of this machine that leads into a network of the engine: each connection is a program in a container there, whose
 * input and output are the connection. It needs nothing but the engine's own API, wherever the engine is.
 *
 * @param by.image an image with Node
 */
export async function openRelay(
  engine: DockerEngine,
  by: { network: string; image: string },
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Way> {
  const container = await start(engine, by);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    join(engine, container, endpoint, socket).catch(() => socket.destroy());
  });
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    server.close();
    await engine.call("DELETE", `/containers/${container}?force=true`).catch(() => {});
    await engine[Symbol.asyncDispose]();
  }
}

async function start(engine: DockerEngine, { network, image }: { network: string; image: string }): Promise<string> {
  const name = `devflow-relay-${randomBytes(6).toString("hex")}`;
  const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=${name}`, {
    Image: image,
    // Ends by itself should nobody be left to remove it.
    Entrypoint: ["node", "-e", "setTimeout(() => {}, 15 * 60_000)"],
    Cmd: [],
    Labels: { "dev.devflow.relay": "true" },
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      NetworkMode: network,
      AutoRemove: true,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: 256 * 2 ** 20,
    },
  });
  await engine.call("POST", `/containers/${id}/start`);
  return id;
}

async function join(engine: DockerEngine, container: string, { host, port }: Endpoint, socket: Socket): Promise<void> {
  const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/${container}/exec`, {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Cmd: ["node", "-e", script, host, String(port)],
  });
  const never = new AbortController().signal;
  const { socket: far, head } = await attach(engine, `/exec/${id}/start`, { Detach: false, Tty: false }, never);
  const take = demultiplex({ stdout: (piece) => void socket.write(piece), stderr: () => {} });
  take(head);
  far.on("data", take);
  far.on("end", () => socket.end());
  far.on("close", () => socket.destroy());
  far.on("error", () => socket.destroy());
  socket.on("close", () => far.destroy());
  socket.pipe(far);
}
