import { randomBytes } from "node:crypto";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import type { Context, ResourceProvider } from "./provider.ts";
import { execute, openUrl, Reach } from "./reach/index.ts";
import { run } from "./run.ts";
import { unprivileged } from "./unprivileged.ts";

const Inputs = Type.Object({
  url: Type.String(),
  reach: Type.Optional(Reach),
  program: Type.String(),
  config: Type.String(),
  workPath: Type.String(),
  username: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$" }),
  email: Type.String(),
  password: Type.String(),
});
type Inputs = Type.Static<typeof Inputs>;

/**
 * Gitea's first administrator. Passwords never stand on a command line, where every user of the machine could read
 * them: the account is made with a random one, which is set by the API with a token that is revoked at once.
 */
export const giteaAdministrator: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  replaceOn: ["username"],
  identify: ({ username }) => username,
  async create(inputs, context) {
    context.report({ phase: "creating the administrator" });
    const users = await gitea(inputs, context, ["user", "list"]);
    const there = users.split("\n").some((line) => line.split(/\s+/)[1] === inputs.username);
    if (!there) {
      await gitea(inputs, context, [
        ...["user", "create", "--admin", "--username", inputs.username, "--email", inputs.email],
        ...["--random-password", "--must-change-password=false"],
      ]);
    }
    if (!(await passwordWorks(inputs, context))) await setPassword(inputs, context);
    return { id: inputs.username, outputs: {} };
  },
  /** Only a password that was rotated is set. */
  async update(_id, inputs, old, context) {
    if (inputs.password !== old.inputs.password && !(await passwordWorks(inputs, context)))
      await setPassword(inputs, context, old.inputs.password);
    return {};
  },
  async delete() {},
};

/**
 * @param former a password that may still work
 * @throws DevflowError when the password is refused; the token is revoked all the same
 */
async function setPassword(inputs: Inputs, context: Context, former?: string): Promise<void> {
  const token = `devflow-${randomBytes(6).toString("hex")}`;
  const printed = await gitea(inputs, context, [
    ...["user", "generate-access-token", "--username", inputs.username],
    ...["--token-name", token, "--scopes", "write:admin", "--raw"],
  ]);
  const secret = printed.trim().split(/\s+/).at(-1) ?? "";
  await using way = await openUrl(inputs.reach, inputs.url, context.signal);
  const refusal = await set(inputs.password);
  if (refusal === undefined) return revoke(way.url, inputs, token, context.signal);
  // Only a password revokes a token, so the account needs one that works: the former, else one that nobody knows.
  const working = former !== undefined && (await passwordWorks({ ...inputs, password: former }, context));
  const substitute = working ? former : randomBytes(24).toString("base64url");
  if (working || (await set(substitute)) === undefined) {
    await revoke(way.url, { ...inputs, password: substitute }, token, context.signal);
    throw refusal;
  }
  throw new DevflowError("COMPONENT_FAILED", refusal.message, {
    hint: `A token named ${token} of ${inputs.username} is left in Gitea; delete it there. See \`./devflow logs code\`.`,
  });

  /** @returns why it was refused */
  async function set(password: string): Promise<DevflowError | undefined> {
    const answer = await fetch(`${way.url}/api/v1/admin/users/${inputs.username}`, {
      method: "PATCH",
      headers: { authorization: `token ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ login_name: inputs.username, source_id: 0, password, must_change_password: false }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    return answer.ok ? undefined : refused("set the administrator's password", answer.status, text);
  }
}

/** @throws DevflowError when the token is still there */
async function revoke(url: string, inputs: Inputs, token: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/api/v1/users/${inputs.username}/tokens/${token}`, {
    method: "DELETE",
    headers: { authorization: basic(inputs) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 404) throw refused(`revoke the token ${token}`, answer.status, text);
}

async function passwordWorks(inputs: Inputs, { signal }: Context): Promise<boolean> {
  await using way = await openUrl(inputs.reach, inputs.url, signal);
  const answer = await fetch(`${way.url}/api/v1/user`, {
    headers: { authorization: basic(inputs) },
    signal: AbortSignal.timeout(30_000),
  });
  await answer.body?.cancel();
  return answer.ok;
}

async function gitea(inputs: Inputs, context: Context, args: string[]): Promise<string> {
  const call = [inputs.program, "--config", inputs.config, "--work-path", inputs.workPath, "admin", ...args];
  const timing = { timeout: 60_000, signal: context.signal };
  if (inputs.reach && inputs.reach.kind !== "direct") {
    return execute(inputs.reach, { command: call, cwd: inputs.workPath, ...timing });
  }
  const { command, ...user } = unprivileged(call);
  const env = { PATH: process.env.PATH, HOME: inputs.workPath };
  return run(command, { ...user, env, cwd: inputs.workPath, ...timing });
}

function basic({ username, password }: Inputs): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function refused(what: string, status: number, body: string): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `Gitea refused to ${what}: HTTP ${status} ${body.slice(0, 300)}`, {
    hint: "See `./devflow logs code`.",
  });
}
