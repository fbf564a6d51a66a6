import { flatten, type Segments } from "./paths.ts";
import type { Problem } from "./problem.ts";
import { type Finding, validateAnswers } from "./validate.ts";

/** A value and the words for where it stands: `devflow.yaml:3:9`, `--set network.port=4500`, `DEVFLOW_NETWORK_PORT`. */
export interface Given {
  value: unknown;
  where: Where;
}

export interface Where {
  file: string;
  line: number | undefined;
  column: number | undefined;
}

/** What one source gives, by path of the setting; only valid values. */
export interface Layer {
  values: Map<string, Given>;
  problems: Problem[];
}

/** Checks what a source gives and keeps what is valid, so that one wrong value hides no other problem. */
export function checkedLayer(value: unknown, where: (segments: Segments, at: "key" | "value") => Where): Layer {
  const found = validateAnswers(value);
  const wrong = found.map((finding) => pathOfSetting(finding.segments));
  const values = new Map<string, Given>();
  for (const [path, inner] of flatten(value)) {
    const isWrong = wrong.some((bad) => bad === path || path.startsWith(`${bad}.`));
    if (!isWrong) values.set(path, { value: inner, where: where(path.split("."), "value") });
  }
  return { values, problems: found.map((finding) => located(finding, where(finding.segments, finding.at))) };
}

export function located(finding: Omit<Finding, "segments" | "at">, where: Where): Problem {
  const { path, value, allowed, suggestion, message } = finding;
  return { ...where, path, value, allowed, suggestion, message };
}

/** Puts layers of the same rank together; a later one wins. */
export function joined(layers: Layer[]): Layer {
  return {
    values: new Map(layers.flatMap((layer) => [...layer.values])),
    problems: layers.flatMap((layer) => layer.problems),
  };
}

/** Problems inside a list belong to the list, which is one setting. */
function pathOfSetting(segments: Segments): string {
  const index = segments.findIndex((segment) => typeof segment === "number");
  return (index < 0 ? segments : segments.slice(0, index)).join(".");
}
