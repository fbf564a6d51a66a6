import { upstream, upstreams } from "../../components/catalogue/index.ts";
import { DevflowError } from "../../components/error.ts";
import type { Progress } from "../../components/provider/host.ts";
import { homePaths } from "../../components/provider/paths.ts";
import { currentPlatform } from "../../components/provider/platform.ts";
import { createArtifacts } from "./artifacts.ts";

/**
 * `node installer/artifacts/obtain.ts [name...]`: brings programs of the catalogue into this machine's cache, with one
 * line per change of phase. For maintainers and for images that come with a warm cache.
 */
const names = process.argv.slice(2);
const wanted = names.length > 0 ? names.map(upstream) : upstreams().filter(({ artifacts }) => !("none" in artifacts));
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
const artifacts = createArtifacts({ cache: homePaths().cache, platform: currentPlatform(), signal: interrupt.signal });

const results = await Promise.allSettled(
  wanted.map(async (ref) => {
    const started = Date.now();
    const made = await artifacts.obtain(ref, { signal: interrupt.signal, report: printer(ref.name) });
    console.log(
      `${ref.name} ${ref.version}: ${made.path} (${made.source}, ${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
  }),
);
await artifacts.close();
for (const result of results) {
  if (result.status === "fulfilled") continue;
  const error: unknown = result.reason;
  console.error(error instanceof DevflowError ? `${error.code}: ${error.message}\n${error.hint}` : error);
  process.exitCode = 1;
}

/** One line at most every two seconds, and at once for a new phase or a skipped source. */
function printer(name: string): (progress: Progress) => void {
  let phase = "";
  let said = "";
  let last = 0;
  return (progress) => {
    const skipped = progress.done === undefined && progress.note !== undefined && progress.note !== said;
    if (progress.phase === phase && !skipped && Date.now() - last < pause(progress)) return;
    phase = progress.phase;
    said = progress.note ?? "";
    last = Date.now();
    const { done, total, unit, rate, eta, note } = progress;
    const amount = (n: number) => (unit === "steps" ? String(n) : `${(n / 2 ** 20).toFixed(1)} MiB`);
    const parts = [
      done === undefined ? "" : total === undefined ? amount(done) : `${amount(done)} of ${amount(total)}`,
      rate === undefined ? "" : `${amount(Math.round(rate))}/s`,
      eta === undefined ? "" : `${Math.round(eta)} s left`,
      note ?? "",
    ];
    console.log([`${name}: ${phase}`, ...parts.filter((part) => part !== "")].join(" · "));
  };
}

/** Milliseconds between two lines of one phase: what only waits says seldom that it still does. */
function pause({ done }: Progress): number {
  return done === undefined ? 30_000 : 2000;
}
