import { createServer, type Socket } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { DevflowError } from "../../error.ts";
import type { Way } from "../reach/reach.ts";
import { type InCluster, refused } from "./cluster.ts";
import { readyPod } from "./pod.ts";

/**
 * A port of this machine's loopback that leads to a port of a pod, by the cluster's API. Each connection has a stream of
 * its own to the pod that was ready when the way was opened.
 *
 * @throws DevflowError COMPONENT_FAILED when no pod is ready or the API does not let us through
 */
export async function forward(reach: InCluster, port: number, signal: AbortSignal): Promise<Way> {
  const pod = await readyPod(reach, signal);
  const forwarding = new pod.client.PortForward(pod.config);
  const open = new Set<Socket>();
  // Half-open: whoever has said all may still be answered.
  const server = createServer({ allowHalfOpen: true }, (socket) => void lead(socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  // A first connection tells whether we are let through, which its user could only see as one that closes.
  const refusal = await tryOnce();
  if (refusal) {
    server.close();
    throw refusal;
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the forwarded port has no address");
  return {
    host: "127.0.0.1",
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function lead(socket: Socket): Promise<void> {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    try {
      const stream = await connect(socket, socket);
      stream.onclose = () => socket.end();
      stream.onerror = () => socket.destroy();
      socket.once("close", () => stream.close());
    } catch {
      socket.destroy();
    }
  }

  async function connect(output: Duplex, input: Duplex, problems = new PassThrough()) {
    problems.resume();
    const stream = await forwarding.portForward(reach.namespace, pod.name, [port], output, problems, input);
    // A function is what it gives when it is asked to try again by itself.
    if (typeof stream === "function") throw new Error("the client gave no stream");
    return stream;
  }

  async function tryOnce(): Promise<DevflowError | undefined> {
    const [output, input, problems] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const said: Buffer[] = [];
    problems.on("data", (chunk: Buffer) => said.push(chunk));
    output.resume();
    try {
      const stream = await connect(output, input, problems);
      // The pod's side answers with the port on both streams, or with what is wrong, before anything else.
      await Promise.race([
        new Promise((resolve) => output.once("data", resolve)),
        new Promise((resolve) => problems.once("data", resolve)),
        new Promise((resolve) => setTimeout(resolve, 250)),
      ]);
      stream.close();
    } catch (cause) {
      return refused(`forward a port to ${pod.name}`, cause);
    }
    if (said.length === 0) return undefined;
    return new DevflowError(
      "COMPONENT_FAILED",
      `Port ${port} of ${pod.name} does not answer: ${Buffer.concat(said).toString().trim()}`,
      { hint: `\`kubectl -n ${reach.namespace} logs ${pod.name}\` says what it is doing.` },
    );
  }
}
