import { DevflowError, errorCodes } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import { wrap, wrapAdvice } from "./fit.ts";
import { paint } from "./paint.ts";
import { symbols } from "./symbols.ts";

/** Exit code of an error: that of its code, 70 (EX_SOFTWARE of sysexits.h) for a bug. */
export function exitCodeOf(error: unknown): number {
  return error instanceof DevflowError ? errorCodes[error.code].exit : 70;
}

/** The one shape of every error on stdout with `--json`. */
export function errorJson(error: unknown) {
  if (error instanceof DevflowError) {
    const { code, message, hint, docs } = error;
    return { error: { code, message, hint, docs: page(docs) } };
  }
  return { error: { code: "BUG", message: reason(error), hint: report, docs: page("reference/errors") } };
}

/**
 * What a person reads: what failed, why, what to do and where more is written. A bug comes with its stack, every error
 * does when `verbose`.
 */
export function errorText(io: Io, error: unknown, verbose = false): string {
  const { failed, arrow } = symbols(io);
  const columns = Math.min(io.columns, 110);
  if (!(error instanceof DevflowError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `\n${paint(io, "red", `${failed} Unexpected error`)}\n${stack}\n\n${wrap(report, columns).join("\n")}\n`;
  }
  const [first = "", ...rest] = error.message.split("\n");
  const causes = reasons(error).map((cause) => `because: ${cause}`);
  const lines = [
    ...wrap(first, columns - 2, "  ").map((line, index) =>
      index === 0 ? `${paint(io, "red", failed)} ${paint(io, "bold", line.trimStart())}` : line,
    ),
    ...rest.flatMap((line) => wrap(line, columns, "  ")),
    ...causes.flatMap((cause) => wrap(cause, columns, "  ")).map((line) => paint(io, "dim", line)),
    ...(error.hint === "" ? [] : wrapAdvice(error.hint, columns, "    ")).map((line, index) =>
      index === 0 ? `  ${arrow} ${line.trimStart()}` : line,
    ),
    ...wrap(`${page(error.docs)} (${error.code})`, columns, "  ").map((line) => paint(io, "dim", line)),
  ];
  const [, ...frames] = verbose ? (error.stack ?? "").split(/\n(?= {4}at )/) : [];
  const stack = frames.map((frame) => paint(io, "dim", `${frame}\n`)).join("");
  return `\n${lines.join("\n")}\n${stack}`;
}

const report =
  "This is a defect of DevFlow, not of what you did. Please report it with the lines above, the command you ran and the output of `./devflow version`. Nothing was sent anywhere.";

function page(docs: string): string {
  return `docs/${docs}.md`;
}

/** Messages of the causes below an error, without those that the message already quotes. */
function reasons(error: DevflowError): string[] {
  const found: string[] = [];
  let cause: unknown = error.cause;
  while (cause !== undefined && found.length < 3) {
    const text = reason(cause);
    if (text !== "" && !error.message.includes(text)) found.push(text);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return found;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
