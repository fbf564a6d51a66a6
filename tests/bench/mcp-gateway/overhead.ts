/**
 * A tool called over and over at 32 connections, each with a session of its own: asked directly, through the gateway
 * (with key, rules and log), and through mcp-proxy where it is installed. In alternating rounds of one run.
 *
 *     node tests/bench/mcp-gateway/overhead.ts [path of mcp-proxy's program]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { startPostgres } from "../../glue-services/postgres-server.ts";
import { address, administer, owner } from "../../glue-services/template.ts";
import { percentile } from "../kit/platform.ts";

const connections = 32;
const seconds = Number(process.env.SECONDS ?? 6);
const rounds = 3;
const reference = fileURLToPath(new URL("../../glue-services/mcp-gateway/reference/server.ts", import.meta.url));
const node = [process.execPath, "--disable-warning=ExperimentalWarning", reference];

interface Subject {
  name: string;
  url: string;
  headers: Record<string, string>;
}

const [direct, proxied] = [24_801, 24_802];
const servers = [start([...node, String(direct)])];
const program = process.argv[2];
if (program) {
  const options = ["--port", String(proxied), "--host", "127.0.0.1", "--server", "stream", "--no-eventStore"];
  servers.push(start([process.execPath, program, ...options, "--", ...node]));
}
await new Promise((resolve) => setTimeout(resolve, 4000));

const postgres = await startPostgres(["fsync=on", "shared_buffers=128MB"]);
try {
  await administer(postgres, async (client) => {
    await client.query(`create role ${owner.user} login createrole password '${owner.password}'`);
    await client.query(`create database bench owner ${owner.user}`);
  });
  const headers = { authorization: "Bearer bench" };
  const gateway = await startGateway({
    DATABASE_URL: address(postgres, "bench"),
    REFERENCE: `http://127.0.0.1:${direct}/mcp`,
    PROGRAM: JSON.stringify(node),
  });
  const subjects: Subject[] = [
    { name: "direct, HTTP", url: `http://127.0.0.1:${direct}/mcp`, headers: {} },
    { name: "gateway to HTTP", url: `${gateway}/mcp/servers/over-http`, headers },
    ...(program ? [{ name: "mcp-proxy to a program", url: `http://127.0.0.1:${proxied}/mcp`, headers: {} }] : []),
    // A caller has at most a dozen programs at a time, so its sessions are fewer.
    { name: "gateway to a program, 8 sessions", url: `${gateway}/mcp/servers/program`, headers },
  ];
  const results = new Map(subjects.map(({ name }) => [name, { rate: [] as number[], times: [] as number[] }]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const { rate, times } = await load(subject, subject.name.includes("8 sessions") ? 8 : connections);
      results.get(subject.name)?.rate.push(rate);
      results.get(subject.name)?.times.push(...times);
    }
  }
  const base = median(results.get("direct, HTTP")?.rate ?? []);
  console.log(
    `\nload average ${loadavg()[0]?.toFixed(1)}\n\n| path | calls/s | of direct | p50 ms | p99 ms |\n| --- | --- | --- | --- | --- |`,
  );
  for (const [name, { rate, times }] of results) {
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    console.log(
      `| ${name} | ${median(rate).toFixed(0)} | ${(median(rate) / base).toFixed(2)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} |`,
    );
  }
} finally {
  for (const server of servers) server.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await postgres.stop();
}
process.exit();

async function startGateway(env: Record<string, string>): Promise<string> {
  const script = fileURLToPath(new URL("gateway.ts", import.meta.url));
  const flags = [
    "--disable-warning=ExperimentalWarning",
    ...(process.env.PROFILE ? ["--cpu-prof", `--cpu-prof-dir=${process.env.PROFILE}`] : []),
  ];
  const child = spawn(process.execPath, [...flags, script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  servers.push(child as never);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("ready ")) {
      child.stdout.resume();
      return line.slice(6);
    }
  }
  throw new Error("The gateway did not start.");
}

async function load({ url, headers }: Subject, sessions: number): Promise<{ rate: number; times: number[] }> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: sessions });
  const send = async (body: object, more: Record<string, string> = {}) => {
    const answer = await pool.request({
      ...{ path: pathname, method: "POST", body: JSON.stringify(body) },
      headers: {
        ...headers,
        ...more,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
    });
    return { answer, text: await answer.body.text() };
  };
  const clientInfo = { name: "bench", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const times: number[] = [];
  const one = async (until: () => number) => {
    const { answer } = await send({ jsonrpc: "2.0", id: 0, method: "initialize", params });
    const session = {
      "mcp-session-id": String(answer.headers["mcp-session-id"]),
      "mcp-protocol-version": "2025-11-25",
    };
    await send({ jsonrpc: "2.0", method: "notifications/initialized" }, session);
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "test_simple_text", arguments: {} } };
    const { text: first } = await send(call, session);
    if (!first.includes("simple text response")) throw new Error(`${url}: ${first}`);
    ready++;
    await everybody;
    while (performance.now() < until()) {
      const begun = performance.now();
      await send(call, session);
      times.push(performance.now() - begun);
    }
    const ending = await pool.request({ path: pathname, method: "DELETE", headers: { ...headers, ...session } });
    await ending.body.dump();
  };
  let ready = 0;
  let end = Number.POSITIVE_INFINITY;
  let begin = () => {};
  const everybody = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const all = Promise.all(Array.from({ length: sessions }, () => one(() => end)));
  while (ready < sessions) await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 20))]);
  end = performance.now() + seconds * 1000;
  begin();
  await all;
  await pool.close();
  return { rate: times.length / seconds, times };
}

function start([command = "", ...args]: string[]) {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  void once(child, "exit").then(([code]) => code && console.error(`${args.at(-1)} ended with ${code}`));
  return child;
}

function median(numbers: number[]): number {
  return percentile(numbers, 0.5);
}
