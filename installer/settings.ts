import { DevflowError } from "../components/error.ts";
import { type AnswersFile, type Resolution, resolveSettings } from "../stacks/config/index.ts";
import { type Found, findAnswers, readAnswers, shownPath } from "./answers.ts";

export interface LoadInput {
  /** Options every command has. */
  options: { stack?: string; answers?: string; set?: string[]; profile?: string };
  env: NodeJS.ProcessEnv;
  cwd: string;
}

export interface Loaded extends Resolution {
  answers: AnswersFile | undefined;
  found: Found;
}

/**
 * Finds and reads the answers file and resolves the settings in force: what every command begins with.
 * @throws ConfigInvalid; DevflowError CONFIG_MISSING when a file was named that is not there
 */
export async function loadSettings({ options, env, cwd }: LoadInput): Promise<Loaded> {
  const { answers, found } = await loadAnswers({ options, env, cwd });
  const flags = { "stack.name": options.stack, profile: options.profile };
  const resolution = resolveSettings({ flags, set: options.set ?? [], answers, env, cwd });
  return { ...resolution, answers, found };
}

/** The answers file in force, read; undefined when nobody named one and there is none. */
export async function loadAnswers(input: LoadInput): Promise<{ answers: AnswersFile | undefined; found: Found }> {
  const { options, env, cwd } = input;
  const found = await findAnswers({ answers: options.answers, env, cwd, of: options });
  if (found.exists) return { answers: await readAnswers(found.file, shownPath(found.file, cwd)), found };
  if (found.from === "current folder" || found.from === "stack") return { answers: undefined, found };
  throw new DevflowError(
    "CONFIG_MISSING",
    `The answers file ${shownPath(found.file, cwd)}, named by ${found.from}, is not there.`,
    {
      hint: "`./devflow init` writes one.",
    },
  );
}
