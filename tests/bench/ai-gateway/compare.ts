/**
 * Gateways in front of one mock provider, in one run: `node tests/bench/ai-gateway/compare.ts [litellm]`, where the
 * argument (else LITELLM, else PATH) is the program `litellm` of a virtual environment with `litellm[proxy]`. Rounds
 * alternate, and within one the single calls do in pieces of 20, so that what else the machine does meets all alike. The
 * gateway of this repository runs with key, budgets and metering on. ROUNDS=0 SOAK=600 only watches its memory.
 */
import { existsSync, readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { loadavg } from "node:os";
import { delimiter, join } from "node:path";
import autocannon from "autocannon";
import { startPostgres } from "../../glue-services/postgres-server.ts";
import { address, makeTemplate, template } from "../../glue-services/template.ts";
import { percentile, table } from "../kit/platform.ts";
import { litellm, portkey, type Subject, startScript } from "./subjects.ts";

const rounds = Number(process.env.ROUNDS ?? 5);
const seconds = Number(process.env.SECONDS ?? 4);
const streams = Number(process.env.STREAMS ?? 512);
const soak = { seconds: Number(process.env.SOAK ?? 0), connections: Number(process.env.SOAK_CONNECTIONS ?? 32) };

const server = await startPostgres();
const mock = await startScript("mock.ts", {});
const [upstream = ""] = mock.words;
const subjects: Subject[] = [];
try {
  await makeTemplate(server);
  const bare = await startScript("bare.ts", { MOCK: upstream });
  const own = await startScript("gateway.ts", { MOCK: upstream, DATABASE_URL: address(server, template) });
  subjects.push(
    { name: "the mock itself", url: upstream, headers: {}, model: "small", process: mock.process },
    {
      name: "bare Fastify + undici",
      url: String(bare.words[0]),
      headers: { authorization: "Bearer bench" },
      model: "small",
      process: bare.process,
    },
    {
      name: "AOSentry, key + budgets + metering",
      url: String(own.words[0]),
      headers: { authorization: `Bearer ${own.words[1]}` },
      model: "mock/small",
      process: own.process,
    },
    await portkey(upstream),
  );
  const program = process.argv[2] ?? process.env.LITELLM ?? onPath("litellm");
  if (program && rounds > 0) subjects.push(await litellm(upstream, program));
  else if (rounds > 0)
    console.log("LiteLLM is not among them: there is no program litellm (pip install 'litellm[proxy]').");
  console.log(
    `load before: ${loadavg()
      .map((one) => one.toFixed(1))
      .join(" ")}`,
  );
  for (const subject of subjects) await fire(subject, 8, 2);

  if (rounds > 0) await compare();
  const sentry = subjects[2] as Subject;
  for (let spent = 0; spent < soak.seconds; spent += 30) {
    const { rate } = await fire(sentry, soak.connections, 30);
    console.log(`${spent + 30} s  ${rate.toFixed(0)} requests/s  RSS ${rss(sentry.process.pid).toFixed(0)} MiB`);
  }
  console.log(
    `load after: ${loadavg()
      .map((one) => one.toFixed(1))
      .join(" ")}`,
  );
} finally {
  for (const { process: child } of subjects) child.kill("SIGKILL");
  mock.process.kill("SIGKILL");
  await server.stop();
}
process.exit(0);

async function compare(): Promise<void> {
  const rates = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  /** Microseconds of the processor that a request takes: what else the machine does changes these least. */
  const costs = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  /** Milliseconds of single calls, a list a round. */
  const single = new Map(subjects.map(({ name }) => [name, [] as number[][]]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const before = processorMs(subject.process.pid);
      const { rate } = await fire(subject, 32, seconds);
      rates.get(subject.name)?.push(rate);
      costs.get(subject.name)?.push(((processorMs(subject.process.pid) - before) * 1000) / Math.max(1, rate * seconds));
    }
    const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
    for (let piece = 0; piece < 30; piece++) {
      for (const subject of subjects) {
        const few = subject.name.startsWith("LiteLLM") ? 3 : 20;
        times.get(subject.name)?.push(...(await oneByOne(subject, few)));
      }
    }
    for (const [name, list] of times) single.get(name)?.push(list);
  }
  const of = (name: string) => percentile(rates.get(name) ?? [], 0.5);
  const direct = single.get("the mock itself") ?? [];
  const bareRate = of("bare Fastify + undici");
  const portkeyRate = of("Portkey 1.15.2");
  /** Beside the mock itself in the same round, the median of the rounds. */
  const added = (name: string, part: number) =>
    percentile(
      (single.get(name) ?? []).map((list, at) => percentile(list, part) - percentile(direct[at] ?? [], part)),
      0.5,
    );
  console.log(
    table(
      [
        "gateway",
        "requests/s at 32",
        "of bare",
        "of Portkey",
        "processor µs a request",
        "added p50 ms at 1",
        "added p99 ms",
        "RSS MiB",
      ],
      subjects.map(({ name, process: child }) => [
        name,
        of(name).toFixed(0),
        (of(name) / bareRate).toFixed(2),
        (of(name) / portkeyRate).toFixed(1),
        percentile(costs.get(name) ?? [], 0.5).toFixed(0),
        added(name, 0.5).toFixed(2),
        added(name, 0.99).toFixed(2),
        rss(child.pid).toFixed(0),
      ]),
    ),
  );
  if (streams === 0) return;
  const flowing = [];
  for (const subject of subjects) {
    const few = subject.name.startsWith("LiteLLM") ? Math.min(streams, 64) : streams;
    flowing.push([subject.name, ...(await streaming(subject, few))]);
  }
  console.log(
    table(["gateway", "streams", "whole", "first event p50 ms", "p99", "gap p99 ms", "longest gap"], flowing),
  );
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function question({ model }: Subject, stream = false): string {
  const content = "Tell me something about gateways. ".repeat(8);
  return JSON.stringify({ model, messages: [{ role: "user", content }], max_tokens: 100, ...(stream && { stream }) });
}

async function fire(subject: Subject, connections: number, duration: number): Promise<{ rate: number }> {
  const result = await autocannon({
    url: `${subject.url}/v1/chat/completions`,
    method: "POST",
    headers: { "content-type": "application/json", ...subject.headers },
    body: question(subject),
    connections,
    duration,
  });
  if (result.non2xx > 0) console.log(`${subject.name}: ${result.non2xx} refusals`);
  return { rate: result["2xx"] / result.duration };
}

/** Milliseconds of calls one after the other, on one connection. */
async function oneByOne(subject: Subject, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    await post(subject, agent, false, () => {});
    times.push(performance.now() - begun);
  }
  agent.destroy();
  return times;
}

async function streaming(subject: Subject, count: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const firsts: number[] = [];
  const gaps: number[] = [];
  let whole = 0;
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      // Begun over a second, as people would, rather than in one instant.
      await new Promise((resolve) => setTimeout(resolve, (at * 1000) / count));
      const begun = performance.now();
      let last = begun;
      let tail = "";
      await post(subject, agent, true, (chunk) => {
        const now = performance.now();
        if (last === begun) firsts.push(now - begun);
        else gaps.push(now - last);
        last = now;
        tail = (tail + chunk.toString("latin1")).slice(-40);
      }).catch(() => {});
      if (tail.includes("[DONE]")) whole++;
    }),
  );
  agent.destroy();
  const show = (values: number[], of: number) => (values.length === 0 ? "–" : percentile(values, of).toFixed(0));
  return [String(count), String(whole), show(firsts, 0.5), show(firsts, 0.99), show(gaps, 0.99), show(gaps, 1)];
}

function post(subject: Subject, agent: Agent, stream: boolean, heard: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const body = question(subject, stream);
    const sent = httpRequest(
      `${subject.url}/v1/chat/completions`,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...subject.headers },
      },
      (response) => {
        response.on("data", heard);
        response.on("end", resolve);
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Milliseconds of the processor a process has had, in steps of ten. Linux only. */
function processorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident MiB of a process. Linux only. */
function rss(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
