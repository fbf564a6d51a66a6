import { type DockerEngine, dockerEngine } from "../../../components/provider/docker/engine.ts";
import { demultiplex } from "../../../components/provider/docker/streams.ts";
import type { ProcessState, ProcessStatus } from "../../../components/provider/process.ts";
import { type LineOptions, timed, type Units, type WorkloadEngine, wholeLines } from "./unit.ts";

interface Found {
  Id: string;
  Image: string;
  ImageID: string;
  Labels: Record<string, string>;
}

interface Inspected {
  Name: string;
  RestartCount: number;
  State: {
    Status: string;
    Pid: number;
    ExitCode: number;
    OOMKilled: boolean;
    Error: string;
    StartedAt: string;
    FinishedAt: string;
    Health?: { Status: string; Log?: { Output: string }[] };
  };
  HostConfig: { PortBindings?: Record<string, { HostPort: string }[] | null> };
}

/** The containers of an appliance, by the labels that each carries. */
export function dockerUnits({ host, stack }: Extract<WorkloadEngine, { kind: "docker" }>): Units {
  const engine = dockerEngine(host);
  return { list, lines, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };

  async function list(): Promise<ProcessStatus[]> {
    const [found, images] = await Promise.all([
      containers(engine, `dev.devflow.stack=${stack}`),
      engine.call<{ Id: string; RepoTags?: string[] | null }[]>("GET", "/images/json"),
    ]);
    const tags = new Map(images.map(({ Id, RepoTags }) => [Id, RepoTags?.[0]]));
    const all = await Promise.all(found.map((each) => statusOf(engine, each, tags.get(each.ImageID) ?? each.Image)));
    // One may have gone meanwhile.
    return all.filter((each) => each !== undefined).sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async function* lines(name: string, { last, since, follow, signal }: LineOptions) {
    const query = new URLSearchParams({ stdout: "1", stderr: "1", timestamps: "1", tail: String(last) });
    if (since !== undefined) query.set("since", epoch(since));
    if (follow) query.set("follow", "1");
    const stream = await engine.bytes("GET", `/containers/${stack}-${name}/logs?${query}`);
    const end = () => stream.destroy();
    signal.addEventListener("abort", end, { once: true });
    try {
      for await (const line of wholeLines(apart(stream))) {
        const found = timed(line);
        // The engine counts from a time on, that one included.
        if (since === undefined || found.time > since) yield found;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", end);
      stream.destroy();
    }
  }
}

/** Those of workloads: one that writes files or runs once has no name of a workload. */
async function containers(engine: DockerEngine, label: string): Promise<Found[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label, "dev.devflow.workload"] }));
  return engine.call("GET", `/containers/json?all=true&filters=${filters}`);
}

async function statusOf(
  engine: DockerEngine,
  { Id, Labels }: Found,
  image: string,
): Promise<ProcessStatus | undefined> {
  const found = await engine.find<Inspected>(`/containers/${Id}/json`);
  if (!found) return undefined;
  const { State: state, RestartCount: restarts, HostConfig } = found;
  const running = state.Status === "running";
  const name = Labels["dev.devflow.workload"] ?? found.Name.replace(/^\//, "");
  const ended = !running && !state.FinishedAt.startsWith("0001");
  return {
    name,
    component: Labels["dev.devflow.component"] ?? name,
    version: /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? "",
    state: stateOf(state, restarts),
    pid: running ? state.Pid : undefined,
    since: running ? state.StartedAt : state.FinishedAt,
    startedAt: running ? state.StartedAt : undefined,
    restarts,
    lastExit: ended ? { code: state.ExitCode, signal: null, at: state.FinishedAt } : undefined,
    reason: reasonOf(state),
    lastLines: [],
    log: `docker logs ${found.Name.replace(/^\//, "")}`,
    ports: Object.values(HostConfig.PortBindings ?? {}).flatMap((each) =>
      (each ?? []).map(({ HostPort }) => Number(HostPort)),
    ),
    rss: running ? await memoryOf(engine, Id) : undefined,
    cpu: undefined,
    processes: running ? 1 : 0,
  };
}

function stateOf({ Status, Health }: Inspected["State"], restarts: number): ProcessState {
  if (Status === "restarting") return restarts > 4 ? "crashloop" : "backoff";
  if (Status === "created") return "waiting";
  if (Status === "paused") return "unready";
  if (Status !== "running") return "stopped";
  if (Health?.Status === "starting") return "starting";
  return Health?.Status === "unhealthy" ? "unready" : "ready";
}

function reasonOf({ Status, Health, OOMKilled, Error: error, ExitCode }: Inspected["State"]): string | undefined {
  if (OOMKilled) return "it was ended for using more memory than it may";
  if (error) return error;
  if (Status === "paused") return "somebody paused it";
  if (Health?.Status === "unhealthy")
    return Health.Log?.at(-1)?.Output.trim().split("\n")[0] || "its health check fails";
  return Status !== "running" && Status !== "created" && ExitCode !== 0 ? `it ended with code ${ExitCode}` : undefined;
}

/** What it holds, without the pages of files that it could give back. */
async function memoryOf(engine: DockerEngine, id: string): Promise<number | undefined> {
  const stats = await engine
    .find<{ memory_stats?: { usage?: number; stats?: Record<string, number> } }>(
      `/containers/${id}/stats?stream=false&one-shot=true`,
    )
    .catch(() => undefined);
  const { usage, stats: parts = {} } = stats?.memory_stats ?? {};
  return usage === undefined ? undefined : usage - (parts.inactive_file ?? parts.total_inactive_file ?? 0);
}

/** Both streams as one, in the order in which they came. */
async function* apart(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  const take = (piece: Buffer) => void pieces.push(piece);
  const feed = demultiplex({ stdout: take, stderr: take });
  for await (const bytes of stream) {
    feed(bytes);
    yield* pieces;
    pieces = [];
  }
}

/** Seconds with nanoseconds, as the engine's API has times. */
function epoch(time: string): string {
  const [, digits = ""] = /\.(\d+)/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${digits.padEnd(9, "0")}`;
}
