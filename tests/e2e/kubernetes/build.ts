import { DevflowError } from "../../../components/error.ts";
import type { Progress } from "../../../components/provider/host.ts";
import { programCache, programs } from "./programs.ts";

/**
 * `npm run e2e:kubernetes:build`: builds a Kubernetes control plane from its Go modules into the cache, once. The
 * compilers take all cores that the process may use, so on a busy machine give it one: `nice -n 19 taskset -c 0 …`.
 */
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
const cache = programCache(interrupt.signal);
try {
  for (const program of programs) {
    const started = Date.now();
    const { path } = await cache.obtain(program, { signal: interrupt.signal, report: printer(program.name) });
    console.log(`${program.name} ${program.version}: ${path} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  }
} catch (error) {
  if (!(error instanceof DevflowError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  process.exitCode = 1;
} finally {
  await cache.close();
}

/** One line a phase, and one a minute within it. */
function printer(name: string): (progress: Progress) => void {
  let phase = "";
  let last = 0;
  return (progress) => {
    if (progress.phase === phase && Date.now() - last < 60_000) return;
    phase = progress.phase;
    last = Date.now();
    const amount = progress.done === undefined ? "" : ` ${progress.done} of ${progress.total ?? "?"}`;
    console.log(`${name}: ${phase}${amount}`);
  };
}
