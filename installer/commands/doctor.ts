import { diagnose, fixSafe, formatDiagnoses } from "../doctor/index.ts";
import { preflightInput } from "../preflight/index.ts";
import { openStack } from "../stack.ts";
import { onStdout } from "../terminal/io.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { symbols } from "../terminal/symbols.ts";
import { type Command, exitWith, type Io } from "./command.ts";

export const doctor: Command<{ fix?: boolean }> = {
  name: "doctor",
  summary: "Find what is wrong, and the command that fixes it",
  examples: [
    { command: "./devflow doctor", does: "look at the stack and the machine; change nothing" },
    { command: "./devflow doctor --fix", does: "do the fixes that lose and disturb nothing, then look again" },
    { command: "./devflow doctor --json", does: "findings with evidence, for scripts" },
  ],
  options: [{ flags: "--fix", description: "do the fixes that are marked safe" }],
  async run({ options, io }) {
    const stack = await openStack(io, options);
    try {
      const examine = async () => diagnose({ ...(await preflightInput(stack)), artifacts: stack.host.artifacts });
      const look = () => during(io, "Looking at stack and machine", examine());
      const first = await look();
      const fixed = options.fix ? await fixSafe(first, (one) => report(one, io)) : [];
      const findings = fixed.length > 0 ? await look() : first;
      if (!io.json) for (const line of formatDiagnoses(findings, onStdout(io))) io.out(`${line}\n`);
      const ok = !findings.some(({ severity }) => severity === "error");
      return exitWith(ok ? 0 : 1, { ok, fixed, findings });
    } finally {
      await stack.host.artifacts.close();
    }
  },
};

function report({ done, result, title }: { done: boolean; result: string; title: string }, io: Io): void {
  const mark = symbols(io);
  const sign = done ? paint(io, "green", mark.done) : paint(io, "red", mark.failed);
  io.err(`  ${sign} ${title}\n      ${result}\n`);
}
