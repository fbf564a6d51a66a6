import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { DevflowError, errorCodes } from "../components/error.ts";
import { homePaths } from "../components/provider/paths.ts";

// A user id without an entry in /etc/passwd and without HOME has no home folder: that is for people to read.
try {
  homePaths();
} catch (error) {
  if (!(error instanceof DevflowError)) throw error;
  const { code, message, hint, docs } = error;
  if (process.argv.includes("--json"))
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint, docs: `docs/${docs}.md` } }, null, 2)}\n`);
  else process.stderr.write(`✗ ${message}\n  ${hint}\n`);
  process.exit(errorCodes[code].exit);
}
// Before anything else is loaded: type stripping and compiling is most of the start, and is kept between starts.
enableCompileCache(join(homePaths().cache, "node"));
const { dispatch } = await import("./commands/parse.ts");
const { outcome } = await import("./commands/command.ts");
const { errorJson, errorText, exitCodeOf } = await import("./terminal/error.ts");
const { forStack } = await import("./terminal/for-stack.ts");
const { DependenciesMissing, installAndStartAgain } = await import("./relaunch.ts");
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
  if (error instanceof DependenciesMissing) installAndStartAgain(argv, process.env);
  end(error);
}

function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // Neither output takes it.
  }
}

/** The one place that shows an error and ends the program with its code. */
function end(error: unknown): never {
  if (error instanceof ReaderGone) process.exit(0);
  const text = () => io.err(errorText(io, error, argv.includes("--verbose")));
  try {
    if (io.json) io.out(forStack(`${JSON.stringify(errorJson(error), null, 2)}\n`, argv));
    else text();
  } catch {
    // Nobody can read it there; the exit code still says it.
    if (io.json) attempt(text);
  }
  process.exit(exitCodeOf(error));
}
