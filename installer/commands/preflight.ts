import { errorCodes } from "../../components/error.ts";
import { formatChecks, preflightInput, preflight as runPreflight, withAsked } from "../preflight/index.ts";
import { openStack } from "../stack.ts";
import { onStdout } from "../terminal/io.ts";
import { during } from "../terminal/spinner.ts";
import { type Command, exitWith } from "./command.ts";

export const preflight: Command = {
  name: "preflight",
  summary: "Check whether this machine can run the stack",
  examples: [
    { command: "./devflow preflight", does: "look at memory, disk, ports, clock and more; change nothing" },
    { command: "./devflow preflight --set profile=full", does: "ask the same for another profile" },
    { command: "./devflow preflight --json", does: "every check with why, result and fix, for scripts" },
  ],
  async run({ options, io }) {
    const stack = await openStack(io, options);
    try {
      const found = await during(io, "Checking this machine", preflightInput(stack).then(runPreflight));
      const results = withAsked(found, options.set ?? []);
      if (!io.json) for (const line of formatChecks(results, onStdout(io))) io.out(`${line}\n`);
      const ok = !results.some(({ status }) => status === "fail");
      return exitWith(ok ? 0 : errorCodes.PREFLIGHT_FAILED.exit, { ok, checks: results });
    } finally {
      await stack.host.artifacts.close();
    }
  },
};
