import { Readable, Writable } from "node:stream";
import type { V1Status } from "@kubernetes/client-node";
import { DevflowError } from "../../error.ts";
import type { Execution } from "../reach/index.ts";
import { type InCluster, refused } from "./cluster.ts";
import { readyPod } from "./pod.ts";

/**
 * Runs a program in a ready pod of a workload. What was told to end is only no longer listened to: Kubernetes has no call
 * that ends a program it has started.
 */
export async function executeIn(reach: InCluster, execution: Execution): Promise<string> {
  const { signal, timeout, input } = execution;
  const pod = await readyPod(reach, signal);
  const printed: Buffer[] = [];
  const everything: Buffer[] = [];
  const started = Promise.withResolvers<V1Status>();
  const stdout = collector((chunk) => printed.push(chunk) && everything.push(chunk));
  const stderr = collector((chunk) => everything.push(chunk));
  const stream = (await new pod.client.Exec(pod.config)
    .exec(
      reach.namespace,
      pod.name,
      reach.container ?? "",
      wrapped(execution),
      stdout,
      stderr,
      // Its end is told to the program, which may read to the end of its input.
      input === undefined ? null : Readable.from([Buffer.from(input)]),
      false,
      started.resolve,
    )
    .catch((cause: unknown) => Promise.reject(refused(`run a program in ${pod.name}`, cause)))) as WebSocket;
  const timer = setTimeout(() => started.reject(failed(`no end after ${timeout / 1000} s`)), timeout);
  const abort = () => started.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  stream.onclose = () => started.reject(failed("the cluster closed the connection"));
  try {
    const status = await started.promise;
    if (status.status === "Success") return Buffer.concat(printed).toString();
    throw failed(exitOf(status));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    stream.close();
  }

  function failed(how: string): DevflowError {
    const last = Buffer.concat(everything).toString().trim().split("\n").slice(-8).join("\n");
    const said = last && `:\n${last}`;
    return new DevflowError(
      "COMMAND_FAILED",
      `${execution.command.slice(0, 3).join(" ")} … in ${pod.name} failed (${how})${said}`,
      { hint: "The lines above are its own; correct the cause and run `./devflow up` again, which resumes." },
    );
  }
}

/** The call has no place for an environment and a folder; programs of the container set both. */
function wrapped({ command, env = {}, cwd }: Execution): string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const inEnv = variables.length > 0 ? ["env", ...variables, ...command] : command;
  return cwd === undefined ? inEnv : ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, ...inEnv];
}

function exitOf({ details, message }: V1Status): string {
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  return code === undefined ? (message ?? "the cluster gave no reason") : `exit code ${code}`;
}

function collector(take: (chunk: Buffer) => unknown): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}
