import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showUnits } from "../../../installer/run/units/follow.ts";
import { type Units, unitsOf } from "../../../installer/run/units/index.ts";
import { workloadEngine } from "../../../installer/run/units/place.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { kubeconfig } from "../../components/provider/cluster-api.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers as an engine's or a cluster's API does, by path; the end-to-end suites ask real ones. */
async function api(answer: (path: string, query: URLSearchParams) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://api");
    const body = answer(pathname, searchParams);
    if (body === undefined) return response.writeHead(404).end("{}");
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function shown(units: Units, wanted: string[] = []): Promise<string[]> {
  const lines: string[] = [];
  const { chosenLogs } = await import("../../../installer/run/log-sources.ts");
  const options = { chosen: chosenLogs(await units.list(), wanted), wanted, last: 10, follow: false };
  await showUnits(
    units,
    { ...options, signal: new AbortController().signal },
    ({ name }, line) => void lines.push(`${name}: ${line}`),
    (error, { name }) => void lines.push(`${name} !! ${error.message}`),
  );
  return lines;
}

describe("containers of an appliance", () => {
  let host: string;
  const states: Record<string, object> = {
    platform: { Status: "running", Health: { Status: "healthy" } },
    code: { Status: "running", Health: { Status: "unhealthy", Log: [{ Output: "connection refused\nmore" }] } },
    metrics: { Status: "restarting", ExitCode: 2 },
    logs: { Status: "exited", ExitCode: 137, OOMKilled: true },
    traces: { Status: "running" },
  };
  const labels = (name: string) => ({
    "dev.devflow.workload": name,
    "dev.devflow.component": ["logs", "traces"].includes(name) ? "observability" : name,
  });
  beforeAll(async () => {
    host = await api((path, query) => {
      const name = path.split("/")[2] ?? "";
      if (path === "/images/json") return [{ Id: "sha256:1", RepoTags: ["docker.io/library/thing:1.2.3"] }];
      if (path === "/containers/json") {
        expect(JSON.parse(query.get("filters") ?? "").label).toContain("dev.devflow.stack=devflow-box");
        return Object.keys(states).map((each) => ({
          Id: each,
          ImageID: "sha256:1",
          Image: "sha256:1",
          Labels: labels(each),
        }));
      }
      if (path.endsWith("/logs"))
        return Buffer.concat([frame(1, "2026-11-24T14:00:00.1Z one\n2026-11"), frame(2, "-24T14:00:00.2Z two\n")]);
      if (path.endsWith("/stats")) return { memory_stats: { usage: 5000, stats: { inactive_file: 1000 } } };
      const State = {
        Pid: 7,
        ExitCode: 0,
        OOMKilled: false,
        Error: "",
        StartedAt: "2026-11-24T13:00:00Z",
        FinishedAt: "2026-11-24T13:30:00Z",
        ...states[name],
      };
      return { Name: `/devflow-box-${name}`, RestartCount: name === "metrics" ? 9 : 0, State, HostConfig: {} };
    });
  });

  test("each is a process of its component, with its version, memory and what is wrong with it", async () => {
    await using units = await unitsOf({ kind: "docker", host, stack: "devflow-box" });
    const found = await units.list();
    expect(
      found.map(({ name, component, version, state, reason }) => [name, component, version, state, reason]),
    ).toEqual([
      ["code", "code", "1.2.3", "unready", "connection refused"],
      ["logs", "observability", "1.2.3", "stopped", "it was ended for using more memory than it may"],
      ["metrics", "metrics", "1.2.3", "crashloop", "it ended with code 2"],
      ["platform", "platform", "1.2.3", "ready", undefined],
      ["traces", "observability", "1.2.3", "ready", undefined],
    ]);
    expect(found.at(-1)).toMatchObject({ rss: 4000, pid: 7, startedAt: "2026-11-24T13:00:00Z" });
  });

  test("lines of both streams are whole, whatever pieces they come in", async () => {
    await using units = await unitsOf({ kind: "docker", host, stack: "devflow-box" });
    expect(await shown(units, ["observability"])).toEqual(["logs: one", "logs: two", "traces: one", "traces: two"]);
    await expect(shown(units, ["platfrom"])).rejects.toThrow('named "platfrom"');
  });

  test("status and logs show them, for people and for programs", async () => {
    const home = await mkdtemp(join(tmpdir(), "devflow-units-"));
    const set = ["--set", "stack.kind=onprem", "--set", "stack.name=box", "--set", `docker.host=${host}`, "--json"];
    const [status, logs] = await Promise.all([
      devflow(home, "status", ...set),
      devflow(home, "logs", "platform", ...set),
    ]);
    const { components } = JSON.parse(status.stdout) as { components: { name: string; state: string }[] };
    expect(status.code).toBe(1);
    expect(components.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "code unready",
      "observability stopped",
      "metrics failed",
      "platform ready",
    ]);
    expect(JSON.parse(logs.stdout).lines).toEqual([
      { process: "platform", component: "platform", line: "one" },
      { process: "platform", component: "platform", line: "two" },
    ]);
    await rm(home, { recursive: true, force: true });
  });

  test("an engine that does not answer is said to, with what to do", async () => {
    await using units = await unitsOf({ kind: "docker", host: "http://127.0.0.1:1", stack: "devflow-box" });
    await expect(units.list()).rejects.toThrow(/does not answer/);
  });
});

describe("pods of a cluster", () => {
  let units: Units;
  beforeAll(async () => {
    const pod = (name: string, component: string, status: object) => ({
      metadata: {
        name,
        namespace: "devflow",
        labels: { "app.kubernetes.io/component": component },
        creationTimestamp: "2026-11-24T12:00:00Z",
      },
      spec: { containers: [{ name: component, image: "registry.example.com/thing:4.5" }] },
      status,
    });
    const ready = {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ restartCount: 0, state: { running: { startedAt: "2026-11-24T13:00:00Z" } } }],
    };
    const waits = (reason: string, message?: string) => ({
      phase: "Pending",
      containerStatuses: [
        { restartCount: 3, state: { waiting: { reason, message } }, lastState: { terminated: { exitCode: 3 } } },
      ],
    });
    const items = [
      pod("platform-7d9f8c6b5-x2x4z", "platform", ready),
      pod("platform-7d9f8c6b5-abcde", "platform", {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
      }),
      pod("code-0", "code", waits("CrashLoopBackOff")),
      pod("search-0", "search", waits("ImagePullBackOff", "no such image\nmore")),
      pod("schema-abcde", "runtime", { phase: "Succeeded" }),
    ];
    const server = await api((path, query) => {
      if (path === "/api/v1/namespaces/devflow/pods") return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
      if (path === "/apis/metrics.k8s.io/v1beta1/namespaces/devflow/pods") {
        return { items: [{ metadata: { name: "code-0" }, containers: [{ usage: { memory: "2Ki" } }] }] };
      }
      if (path.endsWith("/log")) {
        expect([query.get("timestamps"), query.get("tailLines"), query.get("container")]).toEqual([
          "true",
          "10",
          "platform",
        ]);
        return Buffer.from("2026-11-24T14:00:00.1Z one\n2026-11-24T14:00:00.2Z two\n");
      }
      return undefined;
    });
    units = await unitsOf({ kind: "kubernetes", kubeconfig: kubeconfig(server), namespaces: ["devflow"] });
  });

  test("each is a process of its component, and says what it waits for", async () => {
    const found = await units.list();
    expect(
      found.map(({ name, component, version, state, reason }) => [name, component, version, state, reason]),
    ).toEqual([
      ["platform-7d9f8c6b5-x2x4z", "platform", "4.5", "ready", undefined],
      ["platform-7d9f8c6b5-abcde", "platform", "4.5", "waiting", "0/3 nodes are available"],
      ["code-0", "code", "4.5", "crashloop", "it ended with code 3"],
      ["search-0", "search", "4.5", "backoff", "ImagePullBackOff: no such image"],
    ]);
    expect(found[2]).toMatchObject({ rss: 2048, restarts: 3, lastExit: { code: 3 } });
  });

  test("lines of a workload are those of its pods", async () => {
    expect(await shown(units, ["platform-7d9f8c6b5-x2x4z"])).toEqual([
      "platform-7d9f8c6b5-x2x4z: one",
      "platform-7d9f8c6b5-x2x4z: two",
    ]);
    expect(await shown(units, ["platform"])).toHaveLength(4);
  });
});

test("a customer's cluster is asked for by the name that AWS gives it, and no other", () => {
  const flags = {
    ...{ "stack.kind": "dedicated", "stack.name": "acme", "images.glue": "registry.example.com/glue:1" },
    ...{
      "aws.account": "123456789012",
      "aws.region": "eu-central-1",
      "aws.zone": "example.com",
      "network.domain": "dev.example.com",
    },
    "network.email": "ops@example.com",
  };
  expect(workloadEngine(resolveSettings({ flags }).settings)).toMatchObject({
    context: "arn:aws:eks:eu-central-1:123456789012:cluster/acme",
  });
});

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

function devflow(home: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: home,
    env: { ...process.env, DEVFLOW_HOME: home, CI: "1" },
  });
  let stdout = "";
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout })));
}
