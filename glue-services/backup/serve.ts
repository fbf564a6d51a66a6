import { statfs } from "node:fs/promises";
import { createServer } from "node:http";
import { recordsOf } from "./record.ts";
import { type Figure, figuresOf, type Outcome, report } from "./report.ts";
import { copyOnce, nextAt, type Round } from "./round.ts";

/** Between two reports: Prometheus forgets what it has not heard of for five minutes. */
const reportEvery = 60_000;
const day = 86_400_000;

/**
 * Makes all copies once a day, one after another, in their order; at once where the last one is older than a day, after
 * the machine was off. Until `signal` says otherwise.
 */
export async function serve(round: Round, port: number, signal: AbortSignal): Promise<void> {
  const { config, log, now } = round;
  const outcomes = new Map<string, Outcome>();
  for (const copy of Object.keys(config.copies)) outcomes.set(copy, await stateOf(round, copy));
  const health = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify([...outcomes.values()]));
  }).listen(port, "0.0.0.0");
  const telling = setInterval(() => void tell(), reportEvery);
  try {
    await copyAll(({ finished }) => finished === undefined || finished < now().getTime() - day);
    while (!signal.aborted) {
      const next = nextAt(config.at, now());
      log.info({ next }, "waiting");
      await pause(next.getTime() - now().getTime(), signal);
      if (!signal.aborted) await copyAll(() => true);
    }
  } finally {
    clearInterval(telling);
    health.close();
  }

  async function copyAll(due: (outcome: Outcome) => boolean): Promise<void> {
    for (const [copy, outcome] of outcomes) {
      if (signal.aborted) return;
      if (!due(outcome)) continue;
      outcomes.set(copy, await copyOnce(round, copy));
      await tell();
    }
  }

  async function tell(): Promise<void> {
    if (!config.report) return;
    try {
      await report(
        config.report,
        config.stack,
        [...figuresOf([...outcomes.values()]), ...(await disks(config.volumes))],
        now(),
      );
    } catch (error) {
      log.warn({ err: error }, "nobody hears of the copies");
    }
  }
}

async function stateOf({ store, log }: Round, copy: string): Promise<Outcome> {
  const none = { copy, finished: undefined, bytes: undefined, failed: false };
  try {
    const last = (await recordsOf(store, copy)).at(-1)?.record;
    return last ? { ...none, finished: Date.parse(last.finished) } : none;
  } catch (error) {
    log.error({ copy, err: error }, "the store does not answer");
    return { ...none, failed: true };
  }
}

/** How full the disks are that volumes are on, as share of what ordinary users may take. */
export async function disks(volumes: Record<string, string>): Promise<Figure[]> {
  const found = await Promise.all(
    Object.entries(volumes).map(async ([volume, folder]) => {
      const { blocks, bfree, bavail } = await statfs(folder);
      const used = blocks - bfree;
      return { name: "devflow_volume_used_ratio", unit: "", value: used / (used + bavail), attributes: { volume } };
    }),
  );
  return found;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
