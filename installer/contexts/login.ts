import { hostname, userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { DevflowError } from "../../components/error.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { openApi } from "../platform-api.ts";
import { browse } from "../terminal/browse.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { nameOf, platformAddress } from "./address.ts";
import { type Context, changeContexts, contextName, noContext, readContexts } from "./contexts.ts";

export interface LoginOptions extends GlobalOptions {
  name?: string;
  /** false with `--no-browser`. */
  browser?: boolean;
}

interface Asked {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
  /** Seconds. */
  expiresIn: number;
  interval: number;
}

type Standing =
  | { state: "pending" | "slow_down"; interval: number }
  | { state: "denied" | "expired" }
  | ({ state: "granted" } & Omit<Context, "url">);

/** What is told of a context; never its key. */
export type ToldContext = Omit<Context, "key" | "id"> & { name: string; current: boolean };

/**
 * Signs this machine in to a platform by its public address: shows a code, and waits until its person agreed to it in a
 * browser. Signing in to the same again replaces the key, and ends the one before.
 */
export async function login(input: { options: LoginOptions; args: string[]; io: Io }): Promise<ToldContext> {
  const { options, args, io } = input;
  const url = platformAddress(args[0] ?? "");
  const name = demandName(options.name ?? nameOf(url));
  // Before anybody goes to a browser for nothing.
  await readContexts(io.env);
  const api = openApi({ url, docs: "command-line" });
  const asked = await api.call<Asked>("POST", "/api/identity/devices", { name: machine() });
  // The page is the platform's own, whatever the answer says: a name that it does not know of may stand there.
  const page = `${url}/device`;
  io.err(`Open ${paint(io, "cyan", `${page}?code=${asked.userCode}`)}\n`);
  io.err(`and compare the code: ${paint(io, "bold", asked.userCode)}\n`);
  if (options.browser !== false) browse(io, `${page}?code=${asked.userCode}`);
  const granted = await during(io, "Waiting for your answer there", answered());
  const { state: _state, ...rest } = granted;
  const context: Context = { ...rest, url };
  let replaced: Context | undefined;
  await changeContexts(io.env, ({ contexts }) => {
    replaced = contexts[name];
    return { current: name, contexts: { ...contexts, [name]: context } };
  });
  if (replaced) await endKey(replaced).catch(() => {});
  const { email } = context.person;
  io.err(`Signed in as ${email} in ${context.organisation.name}; commands now go to ${name}.\n`);
  return told(name, context, name);

  async function answered() {
    const end = Date.now() + asked.expiresIn * 1000;
    let wait = asked.interval;
    while (Date.now() < end) {
      await pause(wait * 1000, undefined, { signal: io.signal }).catch(() => Promise.reject(io.signal.reason));
      const standing = await api
        .call<Standing>("POST", "/api/identity/devices/token", { deviceCode: asked.deviceCode })
        .catch((error: unknown) => {
          // It may be away for a moment, or busy: the code is good for minutes.
          if (error instanceof DevflowError && error.code === "USAGE") throw error;
          return { state: "pending" as const, interval: Math.min(wait * 2, 30) };
        });
      if (standing.state === "granted") return standing;
      if ("interval" in standing) wait = standing.interval;
      else if (standing.state === "denied") throw notSignedIn("You refused it in the browser.");
      else break;
    }
    throw notSignedIn("Nobody answered in time.");
  }
}

/** What the person reads of this machine in the browser. */
function machine(): string {
  const user = () => {
    try {
      return userInfo().username;
    } catch {
      return `user ${process.getuid?.()}`;
    }
  };
  return `${user()}@${hostname()}`.replace(/[\p{C}\p{Z}]+/gu, " ").slice(0, 100);
}

/** Ends the key of a context at its platform. */
export async function endKey({ url, key, id }: Context): Promise<void> {
  await openApi({ url, key, docs: "command-line" }).call("DELETE", `/api/identity/me/keys/${id}`);
}

export function told(name: string, context: Context, current: string | undefined): ToldContext {
  const { key: _key, id: _id, ...rest } = context;
  return { name, current: name === current, ...rest };
}

function demandName(name: string): string {
  if (new RegExp(contextName).test(name) && name !== noContext) return name;
  throw new DevflowError("USAGE", `${JSON.stringify(name)} cannot be the name of a context.`, {
    hint: `Use lower-case letters, digits, dots and dashes, at most 63, as in --name acme; ${noContext} is this machine's own stack.`,
    docs: "command-line",
  });
}

function notSignedIn(why: string): DevflowError {
  return new DevflowError("ABORTED", `Not signed in. ${why}`, { hint: "Run the command again for a new code." });
}
