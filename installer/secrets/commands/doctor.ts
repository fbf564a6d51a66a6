import { dirname, join } from "node:path";
import { findAnswers } from "../../answers.ts";
import { exitWith } from "../../commands/command.ts";
import { locateStack } from "../../stack.ts";
import { paint } from "../../terminal/paint.ts";
import { symbols } from "../../terminal/symbols.ts";
import { examineSecrets } from "../doctor.ts";
import type { Input } from "./input.ts";

export async function doctor({ options, io }: Input): Promise<unknown> {
  const { paths } = await locateStack(io, options);
  const { file } = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd, of: options });
  const findings = await examineSecrets(paths, [file, join(dirname(file), ".env")]);
  const problems = findings.filter(({ level }) => level === "problem");
  if (!io.json) {
    const mark = (level: string) =>
      level === "problem" ? paint(io, "red", symbols(io).failed) : paint(io, "yellow", symbols(io).warning);
    for (const { level, what, fix } of findings) io.out(`${mark(level)} ${what}\n  ${paint(io, "dim", fix)}\n`);
    if (findings.length === 0) io.out(`${paint(io, "green", symbols(io).done)} Nothing is wrong with the secrets.\n`);
  }
  return exitWith(problems.length > 0 ? 1 : 0, { ok: problems.length === 0, findings });
}
