import { once } from "node:events";
import { existsSync } from "node:fs";
import { DevflowError } from "../../components/error.ts";
import type { SupervisorEvent } from "./api.ts";
import { followLog, lastLines } from "./log-reading.ts";
import type { Call, Served } from "./routes.ts";

/** A line at least this often (milliseconds) tells both ends that the other still lives. */
const heartbeat = 15_000;
/** A client that reads nothing is let go when this many bytes wait for it. */
const mostUnread = 1 << 20;

/** NDJSON: every process as it is, then each change, until the client hangs up. */
export async function sendEvents({ response, gone }: Call, { supervisor }: Served): Promise<undefined> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const send = (event: SupervisorEvent): void => {
    response.write(`${JSON.stringify(event)}\n`);
    if (response.writableLength > mostUnread) response.destroy();
  };
  const stop = supervisor.watch(send);
  const timer = setInterval(() => send({ type: "heartbeat" }), heartbeat);
  response.flushHeaders();
  if (!gone.aborted) await once(gone, "abort");
  clearInterval(timer);
  stop();
  response.end();
  return undefined;
}

/** Plain text: the last lines and, when asked to follow, what is appended until the client hangs up. */
export async function sendLog(call: Call, { supervisor, paths, rotations }: Served): Promise<undefined> {
  const { name, query, response, gone } = call;
  const log = paths.log(name);
  const count = Number(query.lines ?? 100);
  if (!existsSync(log) && !supervisor.names().includes(name)) {
    throw new DevflowError("NOT_FOUND", `There is no log of ${name}.`, {
      hint: `There are logs of ${["supervisor", ...supervisor.names().sort()].join(", ")}.`,
    });
  }
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.flushHeaders();
  if (query.follow === "1") {
    for await (const chunk of followLog(log, { lines: count, signal: gone, rotations })) {
      if (!response.write(chunk)) await once(response, "drain", { signal: gone }).catch(() => undefined);
    }
  } else {
    response.write(
      lastLines(log, count)
        .map((line) => `${line}\n`)
        .join(""),
    );
  }
  response.end();
  return undefined;
}
