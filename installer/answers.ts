import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { type Document, isMap, isScalar, parseDocument } from "yaml";
import { DevflowError } from "../components/error.ts";
import type { StackPaths } from "../components/provider/paths.ts";
import {
  type Answers,
  type AnswersFile,
  answersLayer,
  ConfigInvalid,
  parseAnswers,
  parseDocumentOf,
  schemaAt,
  sizeLimit,
} from "../stacks/config/index.ts";
import { atomicWrite } from "./atomic-write.ts";
import { withFileLock } from "./file-lock.ts";
import { ownAnswers, type StackName, stackNamed } from "./own-answers.ts";

/** Folder of this checkout. */
export const checkout: string = resolve(import.meta.dirname, "..");

export interface FindOptions {
  /** Value of `--answers`. */
  answers?: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** What may name the stack whose own file is taken where there is no other. @default no stack's */
  of?: StackName;
  /** @default the checkout this file belongs to */
  root?: string;
}

export interface Found {
  /** Absolute. */
  file: string;
  exists: boolean;
  from: "--answers" | "DEVFLOW_ANSWERS" | "current folder" | "checkout" | "stack";
}

/**
 * The answers file in force: `--answers` > `DEVFLOW_ANSWERS` > devflow.yaml in the current folder > devflow.yaml in the
 * checkout > the one that the stack was last brought up with. When there is none: where a new one goes.
 */
export async function findAnswers({ answers, env, cwd, of, root = checkout }: FindOptions): Promise<Found> {
  const named = answers ?? (env.DEVFLOW_ANSWERS || undefined);
  if (named !== undefined) {
    const file = resolve(cwd, named);
    return { file, exists: await isThere(file), from: answers === undefined ? "DEVFLOW_ANSWERS" : "--answers" };
  }
  const here = join(cwd, "devflow.yaml");
  const own = of && (await ownAnswers(of, env));
  const stack = of && stackNamed(of, env);
  // A stack that is named keeps its own answers beside those of another that are at hand.
  if (own !== undefined && stack !== undefined && (await isThere(own))) {
    const ofThisStack = (await isThere(here)) && (await nameIn(here)) === stack;
    if (!ofThisStack) return { file: own, exists: true, from: "stack" };
  }
  if (await isThere(here)) return { file: here, exists: true, from: "current folder" };
  const inCheckout = join(root, "devflow.yaml");
  if (await isThere(inCheckout)) return { file: inCheckout, exists: true, from: "checkout" };
  if (own !== undefined) return { file: own, exists: await isThere(own), from: "stack" };
  return { file: here, exists: false, from: "current folder" };
}

/** The stack that an answers file is of. */
async function nameIn(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => "");
  return parseDocument(text).getIn(["stack", "name"]) ?? "local";
}

/**
 * Keeps settings that a stack came to by itself. One that was only named on the command line has no answers file yet:
 * that of the other stack is left as it is, and it gets one of its own, a copy in its folder.
 * @returns the file in which they are
 */
export async function keepSettings(
  stack: { name: string; paths: StackPaths; found: Found },
  changes: Record<string, unknown>,
): Promise<string> {
  const { name, paths, found } = stack;
  if (Object.keys(changes).length === 0) return found.file;
  const shared = found.exists && (await nameIn(found.file)) !== name;
  if (!shared) {
    await updateAnswers(found.file, changes);
    return found.file;
  }
  const file = join(paths.root, "devflow.yaml");
  const text = changedText(await readBytes(found.file, found.file), { ...changes, "stack.name": name }, file);
  await withFileLock(file, async () => atomicWrite(file, text));
  return file;
}

/**
 * Reads an answers file.
 * @param name how errors name it, usually its path from the current folder
 * @throws DevflowError CONFIG_MISSING when it is not there, ConfigInvalid when it is no YAML map
 */
export async function readAnswers(file: string, name: string = file): Promise<AnswersFile> {
  return parseAnswers(await readBytes(file, name), name);
}

/** Writes a new answers file: atomic, mode 0600. @throws DevflowError as `atomicWrite` does, ConfigInvalid */
export async function writeAnswers(file: string, answers: Answers): Promise<void> {
  const text = renderAnswers(answers, file);
  await withFileLock(file, async () => atomicWrite(file, text));
}

/** Text of an answers file with a header for editors and a comment a section. */
export function renderAnswers(answers: Answers, file: string, root: string = checkout): string {
  const document = parseDocument("{}");
  document.contents = document.createNode(answers) as unknown as typeof document.contents;
  if (isMap(document.contents)) {
    for (const { key } of document.contents.items) {
      const description = isScalar(key) ? schemaAt([String(key.value)])?.description : undefined;
      if (isScalar(key) && key.value !== "version" && description) {
        key.commentBefore = ` ${description}`;
        key.spaceBefore = true;
      }
    }
  }
  return `${header(file, root)}${document.toString({ lineWidth: 0 })}`;
}

/**
 * Changes settings in place and keeps comments, order and everything else. `undefined` takes a setting out. Several
 * processes may do so at once. A file that is not there is made.
 * @throws ConfigInvalid when the result would not be valid; nothing is written then
 */
export async function updateAnswers(
  file: string,
  changes: Record<string, unknown>,
  name: string = file,
): Promise<void> {
  await withFileLock(file, async () => {
    const before = (await isThere(file)) ? await readBytes(file, name) : `${header(file, checkout)}version: 1\n`;
    await atomicWrite(file, changedText(before, changes, name));
  });
}

/** Text of an answers file after changes, as `updateAnswers` writes it. @throws ConfigInvalid */
export function changedText(before: string | Uint8Array, changes: Record<string, unknown>, name: string): string {
  const { document } = parseDocumentOf(before, name);
  for (const [path, value] of Object.entries(changes)) change(document, path.split("."), value, name);
  const text = document.toString({ lineWidth: 0 });
  const { problems } = answersLayer(parseAnswers(text, name));
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return text;
}

/** A path as people know it: from the current folder when it is inside. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === "" || path.startsWith(`..${sep}`) || path === ".." ? file : path;
}

function header(file: string, root: string): string {
  const schema = relative(dirname(resolve(file)), join(root, "configs", "devflow.schema.json"));
  return [
    `# yaml-language-server: $schema=${schema}`,
    "# Answers of a DevFlow stack. `./devflow config explain` shows every setting in force and where it comes from.",
    "# Secrets do not belong here: write where they are (env:NAME or op://vault/item/field).",
    "",
    "",
  ].join("\n");
}

function change(document: Document, keys: string[], value: unknown, name: string): void {
  try {
    if (value === undefined) {
      removeSetting(document, keys);
      return;
    }
    if (!isMap(document.contents)) document.contents = document.createNode({});
    for (let depth = 1; depth < keys.length; depth++) {
      // A section whose settings are all commented out is null; it becomes a map.
      const section = document.getIn(keys.slice(0, depth), true);
      if (isScalar(section) && section.value === null) document.setIn(keys.slice(0, depth), document.createNode({}));
    }
    document.setIn(keys, value);
  } catch (error) {
    throw new DevflowError(
      "CONFIG_INVALID",
      `${keys.join(".")} cannot be changed in ${name}: ${(error as Error).message}.`,
      {
        hint: "Change it by hand; the file is as it was.",
        cause: error,
      },
    );
  }
}

/** Takes a setting out, and the sections that are empty then. */
function removeSetting(document: Document, keys: string[]): void {
  if (!document.hasIn(keys)) return;
  document.deleteIn(keys);
  for (let depth = keys.length - 1; depth > 0; depth--) {
    const section = document.getIn(keys.slice(0, depth));
    if (!isMap(section) || section.items.length > 0) return;
    document.deleteIn(keys.slice(0, depth));
  }
}

async function readBytes(file: string, name: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    // Only as much is read as parsing needs to refuse it.
    if (size > sizeLimit) return new Uint8Array(sizeLimit + 1);
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "is not there" : `cannot be read: ${message}`;
    throw new DevflowError("CONFIG_MISSING", `The answers file ${name} ${reason}.`, {
      hint: "`./devflow init` writes one; --answers and DEVFLOW_ANSWERS name another.",
      cause: error,
    });
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
