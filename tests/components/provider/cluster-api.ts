import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * The three calls of a cluster's API that wiring makes, with the wire protocol of Kubernetes: channels of a WebSocket
 * whose first byte is the channel. What a pod would do is done on this machine: ports are this machine's, programs too.
 * The end-to-end suite makes the same calls of a real API server.
 */
export async function clusterApi(pods: { name: string; ready: boolean }[], denied: string[] = []) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const items = pods.map(({ name, ready }) => ({
      metadata: { name },
      status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
    }));
    const forbidden = denied.includes("pods");
    const body = forbidden
      ? { kind: "Status", status: "Failure", code: 403, message: 'pods is forbidden: User "ada" cannot list them' }
      : { kind: "PodList", apiVersion: "v1", metadata: {}, items };
    response.writeHead(forbidden ? 403 : 200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has("v5.channel.k8s.io") ? "v5.channel.k8s.io" : false),
  });
  server.on("upgrade", (request, socket, head) => {
    asked.push(request.url ?? "");
    const url = new URL(request.url ?? "", "http://cluster");
    const call = url.pathname.split("/").at(-1) ?? "";
    if (denied.includes(call)) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    sockets.handleUpgrade(request as IncomingMessage, socket, head, (stream) => {
      if (call === "portforward") forwardPort(stream, Number(url.searchParams.get("ports")));
      else runProgram(stream, url.searchParams);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    kubeconfig: kubeconfig(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function kubeconfig(server: string): string {
  return `
apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "${server}", insecure-skip-tls-verify: true } }]
users: [{ name: ada, user: { token: secret } }]
contexts: [{ name: test, context: { cluster: test, user: ada } }]
current-context: test
`;
}

/** Channel 0 is data and 1 is errors; each begins with the port, low byte first. */
function forwardPort(stream: WebSocket, port: number): void {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  for (const channel of [0, 1]) stream.send(Buffer.from([channel, port & 255, port >> 8]));
  socket.on("data", (chunk) => stream.send(Buffer.concat([Buffer.from([0]), chunk])));
  socket.on("error", ({ message }) => {
    stream.send(Buffer.concat([Buffer.from([1]), Buffer.from(message)]));
    stream.close();
  });
  socket.on("end", () => stream.close());
  stream.on("message", (data: Buffer) => data[0] === 0 && socket.write(data.subarray(1)));
  stream.on("close", () => socket.destroy());
}

/** Channels 0 to 2 are those of the program, 3 its end, 255 closes one: that of its input. */
function runProgram(stream: WebSocket, query: URLSearchParams): void {
  const [file = "", ...args] = query.getAll("command");
  const child: ChildProcess = spawn(file, args, { stdio: "pipe" });
  const send = (channel: number, data: Buffer | string) =>
    stream.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]));
  child.stdout?.on("data", (chunk: Buffer) => send(1, chunk));
  child.stderr?.on("data", (chunk: Buffer) => send(2, chunk));
  child.on("close", (code) => {
    const failure = {
      status: "Failure",
      reason: "NonZeroExitCode",
      message: `command terminated with exit code ${code}`,
      details: { causes: [{ reason: "ExitCode", message: String(code) }] },
    };
    send(3, JSON.stringify(code === 0 ? { status: "Success" } : failure));
    stream.close();
  });
  if (query.get("stdin") !== "true") child.stdin?.end();
  stream.on("message", (data: Buffer) => {
    if (data[0] === 0) child.stdin?.write(data.subarray(1));
    if (data[0] === 255 && data[1] === 0) child.stdin?.end();
  });
  stream.on("close", () => child.kill("SIGKILL"));
}
