import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const services = fileURLToPath(new URL("../../../../glue-services/", import.meta.url));

/** What is filled in for what a page fills in; `tests/e2e/shown-commands.test.ts` makes these things. */
export interface Filled {
  process: string;
  person: string;
  key: string;
  secret: string;
  setting: string;
}

/** How a command that a page shows is tried: run on a stack, or not, and why. */
export type Trial =
  | {
      /** Words in place of those that the page fills in. */
      fill?: (filled: Filled) => Record<string, string>;
      /** What a person would type or answer, as options. */
      answers?: (file: string) => string[];
      /** It goes on until it is stopped; what it shows first. */
      follows?: RegExp;
    }
  | { unsafe: string };

/** Every command of the platform that its pages show, as it stands in their source. */
export const trials: Record<string, Trial> = {
  up: { answers: () => ["--yes"] },
  status: {},
  doctor: {},
  "config explain": {},
  "config set components.code=true": {},
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as the pages' source has them.
  "config set ${rows[0]?.path}=…": { fill: ({ setting }) => ({ "${rows[0]?.path}=…": setting }) },
  "users list": {},
  "users reset ${person.email}": { fill: ({ person }) => ({ "${person.email}": person }) },
  "users reset you@example.com": { fill: ({ person }) => ({ "you@example.com": person }) },
  "login ${window.location.origin}": {
    unsafe: "It waits for a person in a browser; tests/installer/login.test.ts signs in.",
  },
  "restart ${name}": { fill: ({ process }) => ({ "${name}": process }) },
  "restart ${asked.name}": { fill: ({ process }) => ({ "${asked.name}": process }) },
  "restart ${restarting}": { fill: ({ process }) => ({ "${restarting}": process }) },
  "logs ${component} -f": { fill: ({ process }) => ({ "${component}": process }), follows: /\S/ },
  "logs ${process} -f": { fill: ({ process }) => ({ "${process}": process }), follows: /\S/ },
  "secrets set ${secret.name}": {
    fill: ({ secret }) => ({ "${secret.name}": secret }),
    answers: (file) => ["--file", file],
  },
  'hub chat "Hello"': {},
  "hub keys revoke ${start}": { fill: ({ key }) => ({ "${start}": key }) },
  "secrets rotate ${secret.name}": {
    unsafe: "It changes a credential that programs run with; tests/e2e/secrets.test.ts rotates each.",
  },
  "projects show ${project.slug}": {
    unsafe: "It is of a project that must be there; tests/installer/projects.test.ts runs it.",
  },
  "projects archive ${project.slug}": {
    unsafe: "It is of a project that must be there; tests/installer/projects.test.ts runs it.",
  },
  "projects restore ${project.slug}": {
    unsafe: "It is of a project that must be there; tests/installer/projects.test.ts runs it.",
  },
  "projects delete ${project.slug}": {
    unsafe: "It is of a project that must be there; tests/installer/projects.test.ts runs it.",
  },
  "${run.command}": { unsafe: "It is the command of whatever run failed; tests/e2e/damage.test.ts runs them again." },
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as the pages' source has them.
  "up --set components.metrics=true": {
    unsafe: "It compiles Prometheus where it is not in the cache; tests/e2e/component-metrics.test.ts runs one.",
  },
};

/** Words as a shell has them. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** Commands in the sources of pages. */
export async function shownCommands(): Promise<{ file: string; command: string }[]> {
  const found: { file: string; command: string }[] = [];
  for (const folder of [
    "dashboard/web/src",
    "identity/routes",
    "identity/pages",
    "identity/assets",
    "platform/pages",
  ]) {
    for (const file of await readdir(join(services, folder), { recursive: true })) {
      if (!/\.(tsx?|js)$/.test(file)) continue;
      const source = await readFile(join(services, folder, file), "utf8");
      // A command stands in an element or a template of its own; one within a sentence ends with the words of it.
      for (const [, command = ""] of source.matchAll(/(?:^\s*|>|`)\.\/devflow ([^\n`<]*?)\s*(?=`|<|$)/gm)) {
        found.push({ file, command });
      }
    }
  }
  return found;
}
