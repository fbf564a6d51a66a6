import type { StackOptions } from "../stack.ts";
import { type Context, contextNamed, noContext, readContexts } from "./contexts.ts";

export interface ContextOptions extends StackOptions {
  context?: string;
  keyFile?: string;
}

/**
 * The platform elsewhere that a command is for; undefined where it is for a stack: `--context`, then DEVFLOW_CONTEXT, then
 * the one in use, unless a stack or a key is named, which are never sent elsewhere than they were meant for.
 *
 * @throws DevflowError NOT_FOUND, CONFIG_INVALID
 */
export async function chosenContext(
  env: NodeJS.ProcessEnv,
  options: ContextOptions,
): Promise<(Context & { name: string }) | undefined> {
  const wanted = options.context ?? (env.DEVFLOW_CONTEXT || undefined);
  if (wanted === noContext) return undefined;
  const named = options.stack !== undefined || options.answers !== undefined || (options.set?.length ?? 0) > 0;
  const keyed = options.keyFile !== undefined || Boolean(env.DEVFLOW_API_KEY);
  if (wanted === undefined && (named || keyed)) return undefined;
  const contexts = await readContexts(env);
  const name = wanted ?? contexts.current;
  return name === undefined ? undefined : { ...contextNamed(contexts, name), name };
}
