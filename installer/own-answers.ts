import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { homePaths, type StackPaths, stackPaths } from "../components/provider/paths.ts";
import { atomicWrite } from "./atomic-write.ts";

/** Options that may name a stack. */
export interface StackName {
  stack?: string | undefined;
  set?: string[] | undefined;
}

/** The stack that a command names, however it does; undefined where it names none. */
export function stackNamed({ stack, set = [] }: StackName, env: NodeJS.ProcessEnv): string | undefined {
  const given = set.findLast((one) => one.startsWith("stack.name="))?.slice("stack.name=".length);
  return stack ?? given ?? (env.DEVFLOW_STACK_NAME || undefined);
}

/**
 * The answers file that a stack was last brought up with, so that a command in another folder means the same stack
 * with the same answers; undefined for a stack that is not there.
 */
export async function ownAnswers(of: StackName, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const name = stackNamed(of, env) ?? "local";
  // A name that is not allowed is refused where the settings are resolved.
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  const text = await readFile(file(stackPaths(homePaths(env).home, name)), "utf8").catch(() => "");
  return text.trim() || undefined;
}

export async function keepOwnAnswers(paths: StackPaths, answers: string): Promise<void> {
  await atomicWrite(file(paths), `${answers}\n`);
}

function file({ root }: StackPaths): string {
  return join(root, "answers-file");
}
