import { appendFileSync } from "node:fs";
import { withLock } from "../../../installer/engine/lock.ts";

// Takes the lock named on the command line, holds it for some milliseconds, and says so in a log.
const [file, log, hold, how] = process.argv.slice(2) as [string, string, string, string];
try {
  await withLock(file, "up", async () => {
    appendFileSync(log, `in ${process.pid}\n`);
    process.stdout.write("held\n");
    await new Promise((resolve) => setTimeout(resolve, Number(hold)));
    if (how === "die") process.kill(process.pid, "SIGKILL");
    appendFileSync(log, `out ${process.pid}\n`);
  });
} catch (error) {
  appendFileSync(log, `refused ${process.pid}\n`);
  process.stdout.write(`${(error as Error).message}\n`);
}
