import { readdirSync } from "node:fs";
import { upstreams } from "../../components/catalogue/index.ts";
import type { Goal } from "../engine/index.ts";
import type { Stored } from "./change.ts";
import { referencesOf } from "./references.ts";

/** An image to be pulled. */
export interface Download {
  reference: string;
  /** MiB, compressed, where the catalogue knows. */
  size: number | undefined;
  /** Whether the stack ran it before, so that it need not be pulled again. */
  known: boolean;
}

/** What happens to data because a program becomes another version, or for the first time. */
export interface Migration {
  component: string;
  /** @example "18.3 → 18.4", or "4 files of SQL" */
  what: string;
  /** @example "by itself at its start" */
  how: string;
}

/** Every image that the stack runs, once. */
export function downloads(goals: Goal[], stored: Stored): Download[] {
  const imagesOf = referencesOf(goals);
  const before = new Set(goals.flatMap((goal) => (stored ? imagesOf(goal, stored) : [])));
  const references = new Set(goals.flatMap((goal) => imagesOf(goal)));
  return [...references].sort().map((reference) => ({
    reference,
    size: programOf(reference)?.size,
    known: before.has(reference),
  }));
}

/** Programs that become another version, by what the catalogue says of their data; and our own services' SQL. */
export function migrations(goals: Goal[], stored: Stored, owner: (goal: Goal) => string): Migration[] {
  const imagesOf = referencesOf(goals);
  const changed = goals.flatMap((goal) => {
    const then = stored ? imagesOf(goal, stored) : [];
    return imagesOf(goal).flatMap((reference) => {
      const program = programOf(reference);
      const former = then.find((other) => programOf(other)?.name === program?.name);
      if (!program || former === undefined || tagOf(former) === tagOf(reference)) return [];
      return [{ component: owner(goal), what: `${tagOf(former)} → ${tagOf(reference)}`, how: ways[program.data] }];
    });
  });
  const runsServices = goals.some((goal) => imagesOf(goal).some((reference) => !programOf(reference)));
  return runsServices ? [...changed, ownMigrations()] : changed;
}

/** Which of them a database has had already, the database knows: its services ask it when they start. */
function ownMigrations(): Migration {
  const folder = new URL("../../glue-services/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const numbered = files.filter((file) => /(^|\/)migrations\/\d+-[^/]+\.sql$/.test(file));
  return {
    component: "platform",
    what: `${numbered.length} files of SQL`,
    how: "each once, by the services at their start, under a lock",
  };
}

const ways = {
  compatible: "none: its data stays as it is",
  "migrates-itself": "by itself at its start",
  "needs-conversion": "by a conversion before it: see its upgrade rules",
};

/** The program of the catalogue that an image is of, by its last name: a mirror has another address. */
function programOf(reference: string) {
  known ??= new Map(
    upstreams().flatMap(({ name, image, upgrade }) =>
      "none" in image
        ? []
        : image.registries.map((registry) => [lastName(registry), { name, size: image.size, data: upgrade.data }]),
    ),
  );
  return known.get(lastName(reference));
}

let known: Map<string, { name: string; size: number | undefined; data: keyof typeof ways }> | undefined;

function lastName(reference: string): string {
  return (
    reference
      .replace(/@.*$/, "")
      .replace(/:[^/:]*$/, "")
      .split("/")
      .at(-1) ?? reference
  );
}

function tagOf(reference: string): string {
  return /:([^/:@]+)(@|$)/.exec(reference)?.[1] ?? reference;
}
