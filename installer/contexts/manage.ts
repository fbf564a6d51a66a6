import { DevflowError } from "../../components/error.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import { type Contexts, changeContexts, contextNamed, noContext, readContexts } from "./contexts.ts";
import { endKey, type ToldContext, told } from "./login.ts";

export interface Input {
  options: GlobalOptions;
  args: string[];
  io: Io;
}

/** Every platform that this machine is signed in to. */
export async function listContexts({ io }: Input): Promise<{ contexts: ToldContext[] }> {
  const { current, contexts } = await readContexts(io.env);
  const all = Object.entries(contexts)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, context]) => told(name, context, current));
  if (io.json) return { contexts: all };
  if (all.length === 0) {
    say(io, "None: commands go to this machine's own stack. `./devflow login ADDRESS` signs in elsewhere.");
    return { contexts: all };
  }
  const lines = table(io, all, [
    { title: "", value: (one) => (one.current ? "*" : "") },
    { title: "NAME", value: ({ name }) => name },
    { title: "ADDRESS", value: ({ url }) => url },
    { title: "ORGANISATION", value: ({ organisation }) => organisation.name, spare: 1 },
    { title: "AS", value: ({ person }) => person.email, spare: 2 },
    { title: "ENDS", value: ({ expiresAt }) => ends(expiresAt), spare: 3 },
  ]);
  io.out(`${lines.join("\n")}\n`);
  if (current === undefined) io.err("None is in use: commands go to this machine's own stack.\n");
  return { contexts: all };
}

/** Commands go there from now on; `local` is this machine's own stack. */
export async function useContext({ args, io }: Input): Promise<{ current: string }> {
  const [name = ""] = args;
  await changeContexts(io.env, (before) => {
    if (name === noContext) return { contexts: before.contexts };
    contextNamed(before, name);
    return { ...before, current: name };
  });
  io.err(name === noContext ? "Commands go to this machine's own stack.\n" : `Commands go to ${name}.\n`);
  return { current: name };
}

/** Ends the key there and forgets it here. Where the platform does not answer nothing is forgotten, unless it is forced. */
export async function logout({
  args,
  io,
  options,
}: Input & { options: { forget?: boolean } }): Promise<{ name: string; ended: boolean }> {
  const contexts = await readContexts(io.env);
  const name = args[0] ?? contexts.current;
  if (name === undefined) {
    throw new DevflowError("USAGE", "No platform is in use that could be left.", {
      hint: "Name one of `./devflow contexts list`: `./devflow logout NAME`.",
      docs: "command-line",
    });
  }
  const context = contextNamed(contexts, name);
  const ended = options.forget ? false : await end(name, context);
  await changeContexts(io.env, (before) => without(before, name));
  io.err(`Signed out of ${name}.\n`);
  return { name, ended };
}

async function end(name: string, context: Parameters<typeof endKey>[0]): Promise<boolean> {
  try {
    await endKey(context);
    return true;
  } catch (error) {
    if (!(error instanceof DevflowError)) throw error;
    // The key opens nothing any more already.
    if (error.code === "NOT_FOUND" || error.code === "USAGE") return false;
    throw new DevflowError(error.code, `${name} was not signed out of: ${error.message}`, {
      hint: `Try again when it answers. \`./devflow logout ${name} --forget\` forgets its key here; end it there on the page Account.`,
      docs: "command-line",
      cause: error,
    });
  }
}

function without({ current, contexts }: Contexts, name: string): Contexts {
  const { [name]: _gone, ...rest } = contexts;
  return { ...(current !== undefined && current !== name && { current }), contexts: rest };
}

function ends(at: string): string {
  return Date.parse(at) < Date.now() ? "has ended" : at.slice(0, 10);
}
