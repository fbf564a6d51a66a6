import { allowed } from "./allowed.ts";
import { checkedLayer, joined, type Layer, type Where } from "./layer.ts";
import { nearest } from "./nearest.ts";
import { isStructured, leafPaths, schemaAt, settingsSchema, unflatten } from "./paths.ts";
import { ConfigInvalid } from "./problem.ts";
import { redact, shown } from "./redact.ts";
import { fromText } from "./text.ts";

/** Settings of `path=value` flags. Lists and sections are written as JSON; of two for one path the later wins. */
export function assignmentLayer(assignments: readonly string[]): Layer {
  return joined(assignments.map(assignment));
}

/**
 * Values by path, with the schema's types.
 * @throws ConfigInvalid naming every assignment that is wrong, with the nearest path.
 */
export function parseAssignments(assignments: readonly string[]): Record<string, unknown> {
  const { values, problems } = assignmentLayer(assignments);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return Object.fromEntries([...values].map(([path, given]) => [path, given.value]));
}

/** Setting or section that a misspelt path most likely meant. */
export function nearestPath(path: string): string | undefined {
  const last = path.slice(path.lastIndexOf(".") + 1);
  return (
    nearest(path, [...leafPaths, ...Object.keys(settingsSchema.properties ?? {})]) ??
    leafPaths.find((known) => known.endsWith(`.${last}`)) ??
    leafPaths.find((known) => known.split(".").at(-1)?.toLowerCase() === last.toLowerCase())
  );
}

function assignment(text: string): Layer {
  const equals = text.indexOf("=");
  const path = (equals < 0 ? text : text.slice(0, equals)).trim();
  if (equals <= 0)
    return refused(where(path), path, `--set ${shown(redact(text))} has no value; write --set path=value.`);
  const schema = schemaAt(path.split("."));
  if (!schema) {
    const near = nearestPath(path);
    const words = near ? `did you mean ${near}?` : "`./devflow config explain` lists all settings.";
    return refused(where(path), path, `${path} is no setting; ${words}`, near);
  }
  const value = fromText(text.slice(equals + 1), schema);
  if (isStructured(schema) && typeof value === "string") {
    return refused(where(path), path, `${path} is ${allowed(schema)}, written as JSON.`, undefined, allowed(schema));
  }
  return checkedLayer(unflatten([[path, value]]), () => where(path));
}

function where(path: string): Where {
  return { file: `--set ${path}`, line: undefined, column: undefined };
}

function refused(at: Where, path: string, message: string, suggestion?: string, words?: string): Layer {
  const problem = { ...at, path, value: undefined, allowed: words, suggestion, message };
  return { values: new Map(), problems: [problem] };
}
