import { DevflowError } from "../../error.ts";
import type { Execution } from "../reach/index.ts";
import type { DockerEngine } from "./engine.ts";
import { attach, demultiplex } from "./streams.ts";

/**
 * Runs a program in a running container and answers what it printed.
 *
 * @throws DevflowError COMMAND_FAILED with its last lines
 */
export async function executeIn(engine: DockerEngine, container: string, execution: Execution): Promise<string> {
  const { command, input, env = {}, cwd, timeout } = execution;
  const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/${container}/exec`, {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Cmd: command,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(cwd && { WorkingDir: cwd }),
  });
  const limit = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([execution.signal, limit]);
  const [output, lines]: [Buffer[], Buffer[]] = [[], []];
  const take = demultiplex({
    stdout: (piece) => {
      output.push(piece);
      lines.push(piece);
    },
    stderr: (piece) => {
      lines.push(piece);
    },
  });
  try {
    const { socket, head } = await attach(engine, `/exec/${id}/start`, { Detach: false, Tty: false }, signal);
    take(head);
    socket.on("data", take);
    socket.end(input ?? "");
    await ended(socket, signal);
  } catch (cause) {
    if (!limit.aborted) throw cause;
    throw failure(command, `no end after ${timeout / 1000} s`, lines);
  }
  const { ExitCode: code } = await engine.call<{ ExitCode: number }>("GET", `/exec/${id}/json`);
  if (code === 0) return Buffer.concat(output).toString();
  throw failure(command, `exit code ${code}`, lines);
}

function ended(socket: NodeJS.EventEmitter & { destroy(): unknown }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    socket.once("end", () => socket.destroy());
  });
}

function failure(command: string[], how: string, lines: Buffer[]): DevflowError {
  const last = Buffer.concat(lines).toString().trim().split("\n").slice(-8).join("\n");
  return new DevflowError(
    "COMMAND_FAILED",
    `${command.slice(0, 3).join(" ")} … failed (${how})${last && `:\n${last}`}`,
    { hint: "The lines above are its own; correct the cause and run `./devflow up` again, which resumes." },
  );
}
