import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { homePaths } from "../components/provider/paths.ts";

// Before anything else is loaded: type stripping and compiling is most of the start, and is kept between starts.
enableCompileCache(join(homePaths().cache, "node"));
const { dispatch } = await import("./commands/parse.ts");
const { outcome } = await import("./commands/command.ts");
const { errorJson, errorText, exitCodeOf } = await import("./terminal/error.ts");
const { processIo, ReaderGone } = await import("./terminal/io.ts");

const argv = process.argv.slice(2);
const interrupt = new AbortController();
const io = processIo(argv, interrupt.signal);

process.on("SIGINT", () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort(new Error("interrupted"));
});
process.on("SIGTERM", () => process.exit(143));
process.on("uncaughtException", end);
process.on("unhandledRejection", end);

try {
  const { code, data } = outcome(await dispatch(argv, io));
  if (io.json && data !== undefined) io.out(`${JSON.stringify(data, null, 2)}\n`);
  process.exit(code);
} catch (error) {
  end(error);
}

/** The one place that shows an error and ends the program with its code. */
function end(error: unknown): never {
  if (error instanceof ReaderGone) process.exit(0);
  try {
    if (io.json) io.out(`${JSON.stringify(errorJson(error), null, 2)}\n`);
    else io.err(errorText(io, error, argv.includes("--verbose")));
  } catch {
    // Nobody can read it; the exit code still says it.
  }
  process.exit(exitCodeOf(error));
}
