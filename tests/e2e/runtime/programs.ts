import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";

const versions = { envoy: "1.39.0", deno: "2.9.6" };

/** Path of a program of `upstreams`, brought to this machine first where it is not there yet. */
export async function bring(name: keyof typeof versions): Promise<string> {
  const catalogue = fileURLToPath(new URL("upstreams", import.meta.url));
  const artifacts = createArtifacts({ cache: homePaths().cache, platform: currentPlatform(), catalogue });
  try {
    const ref = { name, version: versions[name] };
    const { path } = await artifacts.obtain(ref, { signal: new AbortController().signal, report: () => {} });
    return `${path}/bin/${name}`;
  } finally {
    await artifacts.close();
  }
}

export interface Running {
  process: ChildProcess;
  /** What it wrote to both outputs so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program and resolves when the address answers. @throws when it ends before that, with what it wrote */
export async function start(file: string, args: string[], url: string, env = process.env): Promise<Running> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part.toString()));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${file} ended:\n${text}`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && answer.status < 500) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    process: child,
    output: () => text,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
