import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import type { Probe } from "../../components/provider/process.ts";

/** What a command probe runs with. */
export interface ProbeSurroundings {
  env: Record<string, string>;
  cwd: string;
}

/**
 * One attempt to find out whether a process can serve. Never throws: returns undefined when it can, else why not, in
 * words that fit after "not ready:".
 */
export function attempt(
  probe: Probe,
  surroundings: ProbeSurroundings,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const over = (reason: string | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      cancel();
      resolve(reason);
    };
    const aborted = (): void => over("the probe was given up");
    const timer = setTimeout(() => over(`no answer within ${probe.timeout} ms`), probe.timeout);
    signal.addEventListener("abort", aborted);
    let cancel = (): void => {};
    cancel = kinds[probe.kind](probe, over, surroundings);
  });
}

/** Starts an attempt that calls `over` at most usefully once, and returns how to end it at any time. */
type Kind = (probe: Probe, over: (reason: string | undefined) => void, surroundings: ProbeSurroundings) => () => void;

const kinds: Record<Probe["kind"], Kind> = {
  http(probe, over) {
    const url = probe.url ?? "";
    // Most probes are plain HTTP: the TLS library is loaded, and paid for in memory, only for those that are not. Who
    // signed the certificate says nothing about health.
    const tls = url.startsWith("https:");
    const get = tls ? process.getBuiltinModule("node:https").get : process.getBuiltinModule("node:http").get;
    const request = get(url, { agent: false, ...(tls && { rejectUnauthorized: false }) }, ({ statusCode = 0 }) => {
      over(statusCode >= 200 && statusCode < 400 ? undefined : `${url} answered ${statusCode}`);
    });
    request.on("error", (error) => over(`${url}: ${words(error)}`));
    return () => request.destroy();
  },

  tcp(probe, over) {
    const host = probe.host ?? "127.0.0.1";
    const socket = connect({ host, port: probe.port ?? 0 }, () => over(undefined));
    socket.on("error", (error) => over(`${host}:${probe.port}: ${words(error)}`));
    return () => socket.destroy();
  },

  command(probe, over, { env, cwd }) {
    const [program = "", ...rest] = probe.command ?? [];
    let child: ChildProcess;
    try {
      child = spawn(program, rest, { env, cwd, detached: true, stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      queueMicrotask(() => over(words(error as Error)));
      return () => {};
    }
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500);
    });
    child.on("error", (error) => over(words(error)));
    child.on("exit", (code, exitSignal) => {
      const end = exitSignal ? `ended by ${exitSignal}` : `exited with ${code}`;
      over(code === 0 ? undefined : [`${program} ${end}`, said.trim().split("\n").at(-1)].filter(Boolean).join(": "));
    });
    return () => {
      child.stderr?.destroy();
      endGroup(child.pid);
    };
  },
};

/** The probe leads a group of its own, so what it started goes with it. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All gone already.
  }
}

function words(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ECONNREFUSED" ? "connection refused" : code === "ECONNRESET" ? "connection reset" : error.message;
}
