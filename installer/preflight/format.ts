import type { Io } from "../commands/command.ts";
import { width, wrap, wrapAdvice } from "../terminal/fit.ts";
import { count } from "../terminal/human.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { symbols } from "../terminal/symbols.ts";
import type { CheckResult } from "./check.ts";

type Screen = Pick<Io, "color" | "env"> & Partial<Pick<Io, "columns">>;

/**
 * Lines for `up`: one when all is well, else the findings below it with what to do. A single finding that settles itself
 * stands on the first line.
 */
export function formatPreflight(results: CheckResult[], io: Screen = { color: false, env: process.env }): string[] {
  const mark = symbols(io);
  const of = (status: CheckResult["status"]) => results.filter((result) => result.status === status);
  const failed = of("fail");
  const warned = of("warn");
  const asked = results.length - of("skipped").length;
  const head = [
    `Preflight   ${count(asked, "check")}`,
    paint(io, "green", `${mark.done} ${of("ok").length}`),
    ...(warned.length > 0 ? [paint(io, "yellow", `${mark.warning} ${warned.length}`)] : []),
    ...(failed.length > 0 ? [paint(io, "red", `${mark.failed} ${failed.length}`)] : []),
  ].join("  ");
  const notable = [...failed, ...warned];
  const [only] = notable;
  const line = only && notable.length === 1 && only.change && `${head}  ${sentence(only, mark.arrow)}`;
  if (line && width(line) <= columnsOf(io)) return [line];
  return [head, ...notable.flatMap((result) => explain(result, io))];
}

/** Every check on a line, for `devflow preflight`. */
export function formatChecks(results: CheckResult[], io: Screen = { color: false, env: process.env }): string[] {
  const column = Math.max(0, ...results.map(({ title }) => title.length));
  return results.flatMap((result) => [
    `  ${symbol(result, io)} ${result.title.padEnd(column)}  ${sentence(result, symbols(io).arrow)}`,
    ...advice(result, io),
  ]);
}

function explain(result: CheckResult, io: Screen): string[] {
  const [first = "", ...rest] = wrap(sentence(result, symbols(io).arrow), columnsOf(io), "    ");
  return [`  ${symbol(result, io)} ${first.trimStart()}`, ...rest, ...advice(result, io)];
}

function columnsOf({ columns }: Screen): number {
  return columns ?? Number.POSITIVE_INFINITY;
}

function sentence(result: CheckResult, arrow: string): string {
  return result.change ? `${result.result} ${arrow} using ${result.change.value}` : result.result;
}

/** A finding with a change needs nobody to do anything. */
function advice(result: CheckResult, io: Screen): string[] {
  if (result.status !== "warn" && result.status !== "fail") return [];
  const columns = columnsOf(io);
  const why = result.status === "fail" ? wrap(result.why, columns, "      ") : [];
  const fix = result.fix && !result.change ? wrapAdvice(result.fix, columns, "      ") : [];
  return [...why, ...fix].map((line) => paint(io, "dim", line));
}

function symbol(result: CheckResult, io: Screen): string {
  const mark = symbols(io);
  const [text, style] = (
    {
      ok: [mark.done, "green"],
      warn: [mark.warning, "yellow"],
      fail: [mark.failed, "red"],
      skipped: [mark.skipped, "dim"],
    } satisfies Record<CheckResult["status"], [string, Style]>
  )[result.status] as [string, Style];
  return paint(io, style, text);
}
