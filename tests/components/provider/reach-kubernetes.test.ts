import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readyPod } from "../../../components/provider/kubernetes/pod.ts";
import { execute, open } from "../../../components/provider/reach/index.ts";
import { clusterApi, kubeconfig } from "./cluster-api.ts";

const folder = mkdtempSync(join(tmpdir(), "devflow-reach-"));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const ready = [
  { name: "code-0", ready: false },
  { name: "code-1", ready: true },
];

function reachBy(config: string) {
  const selector = { "app.kubernetes.io/name": "code" };
  return { kind: "kubernetes" as const, kubeconfig: config, namespace: "devflow", selector, container: "code" };
}

/** A server that gives back what it is told. */
async function echo() {
  const server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}

async function talk(port: number, host: string, message: Buffer): Promise<Buffer> {
  const socket = connect({ host, port });
  const chunks: Buffer[] = [];
  let length = 0;
  socket.write(message);
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= message.length) break;
  }
  return Buffer.concat(chunks);
}

describe("a forwarded port", () => {
  test("leads to a ready pod, many connections at once, without a byte lost", async () => {
    await using api = await clusterApi(ready);
    using server = await echo();
    await using way = await open(reachBy(api.kubeconfig), { host: "code", port: server.port }, never);
    expect(way.host).toBe("127.0.0.1");
    const messages = Array.from({ length: 8 }, (_, index) => Buffer.alloc(300_000, index));
    const answers = await Promise.all(messages.map((message) => talk(way.port, way.host, message)));
    for (const [index, answer] of answers.entries()) expect(answer.equals(messages[index] as Buffer)).toBe(true);
    expect(api.asked[0]).toBe("/api/v1/namespaces/devflow/pods?labelSelector=app.kubernetes.io%2Fname%3Dcode");
    expect(api.asked.slice(1).every((call) => call.includes("/pods/code-1/portforward?"))).toBe(true);
  });

  test("is shut when it is disposed of, with the connections that are open", async () => {
    await using api = await clusterApi(ready);
    using server = await echo();
    const way = await open(reachBy(api.kubeconfig), { host: "code", port: server.port }, never);
    const socket = connect(way);
    socket.on("error", () => {});
    await once(socket, "connect");
    const closed = once(socket, "close");
    await way[Symbol.asyncDispose]();
    await closed;
    const again = connect(way);
    const [refusal] = (await once(again, "error")) as [NodeJS.ErrnoException];
    expect(refusal.code).toBe("ECONNREFUSED");
  });

  test("says so when nothing listens behind it", async () => {
    await using api = await clusterApi(ready);
    let port = 0;
    {
      using gone = await echo();
      port = gone.port;
    }
    await expect(open(reachBy(api.kubeconfig), { host: "code", port }, never)).rejects.toMatchObject({
      code: "COMPONENT_FAILED",
      message: expect.stringContaining(`Port ${port} of code-1 does not answer`),
    });
  });

  test("says what right is missing when the API refuses", async () => {
    await using listing = await clusterApi(ready, ["pods"]);
    await expect(open(reachBy(listing.kubeconfig), { host: "code", port: 1 }, never)).rejects.toMatchObject({
      message: 'Could not list the pods of devflow: pods is forbidden: User \\"ada\\" cannot list them',
      hint: expect.stringContaining("pods/portforward"),
    });
    await using api = await clusterApi(ready, ["portforward"]);
    await expect(open(reachBy(api.kubeconfig), { host: "code", port: 1 }, never)).rejects.toMatchObject({
      message: expect.stringContaining("Could not forward a port to code-1"),
      hint: expect.stringContaining("pods/portforward"),
    });
  });

  test("waits for a pod and then says what the others wait for", async () => {
    await using api = await clusterApi([{ name: "code-0", ready: false }]);
    await expect(readyPod(reachBy(api.kubeconfig), never, 0)).rejects.toMatchObject({
      message: expect.stringContaining("code-0 is Running"),
      hint: expect.stringContaining("kubectl -n devflow describe pods"),
    });
    const abort = new AbortController();
    const waiting = open(reachBy(api.kubeconfig), { host: "code", port: 1 }, abort.signal);
    setTimeout(() => abort.abort(new Error("enough")), 100);
    await expect(waiting).rejects.toThrow();
  });
});

describe("a program in a pod", () => {
  const execution = { timeout: 10_000, signal: never };

  test("gets arguments, environment, folder and all of its input, and its output comes back", async () => {
    await using api = await clusterApi(ready);
    const input = "line\n".repeat(50_000);
    const printed = await execute(reachBy(api.kubeconfig), {
      ...execution,
      command: ["sh", "-c", 'echo "$1 $WHO $(pwd)"; wc -l', "sh", "a b"],
      env: { WHO: "ada lovelace" },
      cwd: folder,
      input,
    });
    expect(printed).toBe(`a b ada lovelace ${folder}\n50000\n`);
    expect(api.asked.at(-1)).toContain("container=code");
  });

  test("that fails is told with its exit code and its last lines", async () => {
    await using api = await clusterApi(ready);
    const failing = execute(reachBy(api.kubeconfig), { ...execution, command: ["sh", "-c", "echo oh no >&2; exit 7"] });
    await expect(failing).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: "sh -c echo oh no >&2; exit 7 … in code-1 failed (exit code 7):\noh no",
    });
  });

  test("that does not end is not waited for longer than it may take", async () => {
    await using api = await clusterApi(ready);
    const hanging = execute(reachBy(api.kubeconfig), { ...execution, timeout: 200, command: ["sleep", "60"] });
    await expect(hanging).rejects.toThrow("no end after 0.2 s");
  });

  test("is not started where the API refuses", async () => {
    await using api = await clusterApi(ready, ["exec"]);
    const denied = execute(reachBy(api.kubeconfig), { ...execution, command: ["true"] });
    await expect(denied).rejects.toThrow("Could not run a program in code-1");
  });
});

describe("a kubeconfig", () => {
  test("may be a file, and its contexts are known by name", async () => {
    await using api = await clusterApi(ready);
    const file = join(folder, "config");
    writeFileSync(file, api.kubeconfig);
    expect((await readyPod(reachBy(file), never)).name).toBe("code-1");
    await expect(readyPod({ ...reachBy(file), context: "prod" }, never)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "The kubeconfig has no context named prod; it has test.",
    });
  });

  test("that is not there or makes no sense is an error with a way out", async () => {
    for (const wrong of [join(folder, "missing"), "clusters: [}\n", "apiVersion: v1\nkind: Config\n"]) {
      await expect(readyPod(reachBy(wrong), never)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        hint: expect.stringContaining("kubernetes.context"),
      });
    }
  });

  test("of a cluster that does not answer says how to look", async () => {
    await expect(readyPod(reachBy(kubeconfig("http://127.0.0.1:9")), never)).rejects.toMatchObject({
      code: "COMPONENT_FAILED",
      hint: expect.stringContaining("kubectl get pods"),
    });
  });
});
