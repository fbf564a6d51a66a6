import { DevflowError } from "../../components/error.ts";
import type { Command } from "./command.ts";

/**
 * `test` and `check` are run by the launcher itself, since they need packages that running a stack does not; they stand
 * here to be found in help, completion and the reference page.
 */
export const test: Command = byTheLauncher({
  name: "test",
  summary: "Run the checks and tests of this checkout",
  arguments: [
    { name: "what", description: "`e2e`, `all`, or the path of a test and vitest's own options", variadic: true },
  ],
  examples: [
    { command: "./devflow test", does: "every check and test but the end-to-end ones" },
    { command: "./devflow test e2e", does: "whole runs with the real programs" },
    { command: "./devflow test tests/launcher", does: "the tests of one folder" },
  ],
});

export const check: Command = byTheLauncher({
  name: "check",
  summary: "Check format, types and generated files of this checkout",
  examples: [
    { command: "./devflow check", does: "what must hold of the tree before any test runs" },
    { command: "./devflow check --help", does: "this text" },
    { command: "./devflow check && ./devflow test", does: "the same, then the tests" },
  ],
});

function byTheLauncher(command: Omit<Command, "run">): Command {
  return {
    ...command,
    run: () => {
      throw new DevflowError("USAGE", `\`${command.name}\` is run by the launcher, as its first word.`, {
        hint: `./devflow ${command.name}`,
      });
    },
  };
}
