import { type Account, accountQuery, type GiteaAccount, ownAccount } from "../../code/contract.ts";

/**
 * Lets a person in or keeps them out. Keeping out ends at once what they are signed in with: Gitea looks at the account
 * at every request of a page, of its API and of Git. Their tokens are deleted too, so that they do not work again later;
 * also where they were let in again before this was heard (`ended`).
 *
 * @param subject the person's id here, which Gitea keeps as the account's login name
 * @throws Error when Gitea does not answer as expected; fine when the person never was there
 */
export async function setAccess(
  gitea: GiteaAccount,
  subject: string,
  { allowed, ended }: { allowed: boolean; ended: boolean },
  signal: AbortSignal,
): Promise<void> {
  const account = await find(gitea, subject, signal);
  if (!account) return;
  if (account.prohibit_login === allowed) {
    await call(gitea, "PATCH", `/admin/users/${account.login}`, signal, {
      source_id: account.source_id,
      login_name: account.login_name,
      prohibit_login: !allowed,
      ...(!allowed && { admin: false }),
    });
  }
  if (!allowed || ended) await deleteTokens(gitea, account.login, signal);
}

async function find(gitea: GiteaAccount, subject: string, signal: AbortSignal): Promise<Account | undefined> {
  const { login_name, limit } = accountQuery(subject);
  const query = new URLSearchParams({ login_name, limit: String(limit) });
  return ownAccount((await call(gitea, "GET", `/admin/users?${query}`, signal)) as Account[], subject);
}

async function deleteTokens(gitea: GiteaAccount, login: string, signal: AbortSignal): Promise<void> {
  const tokens = (await call(gitea, "GET", `/users/${login}/tokens?limit=50`, signal)) as { id: number }[];
  for (const { id } of tokens) await call(gitea, "DELETE", `/users/${login}/tokens/${id}`, signal);
  if (tokens.length > 0) await deleteTokens(gitea, login, signal);
}

async function call(
  gitea: GiteaAccount,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: object,
): Promise<unknown> {
  const answer = await fetch(`${gitea.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Gitea answered ${answer.status} to ${method} ${path.replace(/\?.*/, "")}.`);
  return text === "" ? undefined : JSON.parse(text);
}
