import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerJob } from "../../../components/provider/container-job.ts";
import { containerReady } from "../../../components/provider/container-ready.ts";
import { open, type Reach } from "../../../components/provider/reach/index.ts";
import { type TestHost, testHost } from "../../components/host.ts";
import { testProvider } from "../../components/provider/contract.ts";
import { glueImage, sharedEngine, type TestEngine, whyNot } from "./test-engine.ts";

/** What runs to its end, what is asked from outside, and the way to an engine that is elsewhere, on a real engine. */
describe.skipIf(whyNot() !== undefined)("resources of our provider on a real Docker engine", () => {
  let engine: TestEngine;
  let host: TestHost;
  let far: Server;
  let farHost: string;
  const network = "devflow-test-providers";
  const container = "devflow-test-server";
  const node = "/usr/local/bin/node";

  beforeAll(async () => {
    engine = sharedEngine();
    host = await testHost();
    await engine.call("POST", "/networks/create", { Name: network, Driver: "bridge", Internal: true });
    await serve(200);
    far = await elsewhere(engine);
    farHost = `tcp://127.0.0.1:${(far.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    far.close();
    await engine.call("DELETE", `/containers/${container}?force=true&v=true`);
    await engine.call("DELETE", `/networks/${network}`);
    await engine[Symbol.asyncDispose]();
    await host.dispose();
  });

  const job = (script: string, more: object = {}) => ({
    host: engine.host,
    name: "devflow-test-job",
    image: glueImage,
    command: [node, "-e", script],
    env: { WORD: "hello" },
    user: "65532:65532",
    network,
    labels: { "dev.devflow.stack": "devflow-test" },
    memory: 256 * 2 ** 20,
    timeout: 60_000,
    triggers: [] as string[],
    ...more,
  });
  const context = () => host.context("job");
  const leftovers = () => engine.find("/containers/devflow-test-job/json");

  testProvider(containerJob, {
    resource: "ContainerJob",
    host: () => host,
    inputs: () => job("console.log(process.env.WORD)"),
    changed: (inputs) => ({ ...inputs, triggers: ["again"] }),
  });

  test("a job's hash is of what it printed, and it leaves no container", async () => {
    const hashOf = async (script: string) => (await containerJob.create(job(script), context())).outputs.outputHash;
    const one = await hashOf("console.log(1)");
    expect(await hashOf("console.log(1)")).toBe(one);
    expect(await hashOf("console.log(2)")).not.toBe(one);
    expect(await leftovers()).toBeUndefined();
  });

  test("a job that fails says its last lines and how it ended, and leaves no container", async () => {
    const failing = job("console.error('no such table: people'); process.exit(3)");
    await expect(containerJob.create(failing, context())).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: expect.stringMatching(/exit code 3.*no such table: people/s),
    });
    expect(await leftovers()).toBeUndefined();
  });

  test("a job that does not end is ended, and one that cannot start is a clear error", async () => {
    const slow = containerJob.create(job("setInterval(() => {}, 1000)", { timeout: 1500 }), context());
    await expect(slow).rejects.toThrow("no end after 1.5 s");
    const missing = containerJob.create({ ...job(""), command: ["/no/such/program"] }, context());
    await expect(missing).rejects.toThrow("/no/such/program");
    expect(await leftovers()).toBeUndefined();
  });

  test("a job may write nothing but its temporary folder, and has no way out of the inner network", async () => {
    const script = `
      const fs = require("node:fs");
      fs.writeFileSync("/tmp/fine", "");
      for (const path of ["/app/x", "/x"]) { try { fs.writeFileSync(path, ""); process.exit(4); } catch {} }
      const socket = require("node:net").connect(80, "192.0.2.1");
      socket.on("error", () => process.exit(0)).on("connect", () => process.exit(5));
      setTimeout(() => process.exit(0), 3000);
    `;
    await expect(containerJob.create(job(script), context())).resolves.toBeDefined();
  });

  const reach = (more: object = {}): Reach => ({ kind: "docker", host: engine.host, container, ...more });
  const ready = (more: object = {}) => ({
    ...{ reach: reach(), host: "server", port: 8080, path: "/", timeout: 20_000, instance: "1" },
    ...more,
  });

  testProvider(containerReady, {
    resource: "ContainerReady",
    host: () => host,
    inputs: () => ready(),
    changed: (inputs) => ({ ...inputs, instance: "2" }),
  });

  test("a container that answers with errors is not ready, and the error says with which", async () => {
    await serve(503);
    await expect(containerReady.create(ready({ timeout: 1500 }), context())).rejects.toThrow("HTTP 503 at /");
    const { path: _, ...anyAnswer } = ready();
    await expect(containerReady.create(anyAnswer, context())).resolves.toBeDefined();
    await serve(200);
  });

  test("a container that starts late is waited for", async () => {
    await engine.call("POST", `/containers/${container}/stop?t=0`);
    const waiting = containerReady.create(ready(), context());
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await engine.call("POST", `/containers/${container}/start`);
    await expect(waiting).resolves.toBeDefined();
  });

  test("of an engine that is elsewhere, containers are reached through one beside them, which goes again", async () => {
    await expect(containerReady.create(ready({ reach: reach({ host: farHost }) }), context())).rejects.toThrow(
      "There is no way from here",
    );
    const through = reach({ host: farHost, relay: glueImage });
    await expect(containerReady.create(ready({ reach: through }), context())).resolves.toBeDefined();
    {
      await using way = await open(through, { host: "server", port: 8080 }, new AbortController().signal);
      const large = await (await fetch(`http://${way.host}:${way.port}/large`)).arrayBuffer();
      expect(large.byteLength).toBe(5_000_000);
      const many = await Promise.all(Array.from({ length: 8 }, () => fetch(`http://${way.host}:${way.port}/`)));
      expect(many.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(await relays()).toHaveLength(1);
    }
    await expect.poll(relays).toEqual([]);
  });

  function relays() {
    const filters = encodeURIComponent(JSON.stringify({ label: ["dev.devflow.relay=true"] }));
    return engine.call<object[]>("GET", `/containers/json?all=true&filters=${filters}`);
  }

  /** A server that answers with this status, at the place of the one before. */
  async function serve(status: number): Promise<void> {
    if (await engine.find(`/containers/${container}/json`)) {
      await engine.call("DELETE", `/containers/${container}?force=true&v=true`);
    }
    const script = `require("node:http").createServer((request, answer) => {
      answer.statusCode = ${status};
      answer.end(request.url === "/large" ? Buffer.alloc(5_000_000) : "");
    }).listen(8080);`;
    await engine.call("POST", `/containers/create?name=${container}`, {
      Image: glueImage,
      Entrypoint: [node, "-e", script],
      Healthcheck: { Test: ["NONE"] },
      HostConfig: { NetworkMode: network },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ["server"] } } },
    });
    await engine.call("POST", `/containers/${container}/start`);
  }
});

/** The same engine by another address, as one on another machine has: there is no way from it into its networks. */
async function elsewhere({ address }: TestEngine): Promise<Server> {
  const { socketPath } = address;
  if (!socketPath) throw new Error("the engine has no socket");
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    join(near, socket);
    join(socket, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}
