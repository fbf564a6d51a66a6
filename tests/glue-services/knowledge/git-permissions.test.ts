import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { setAccess } from "../../../glue-services/identity/gitea/gitea.ts";
import { giteaAccess } from "../../../glue-services/knowledge/git/gitea.ts";
import { freePort, startGitea } from "../identity/gitea.ts";

test("a real Gitea says who may read a repository, for every visibility of its organisation, and whose an account is", async () => {
  const gitea = await startGitea(await freePort(), "http://localhost:1");
  const signal = AbortSignal.timeout(300_000);
  const api = async (method: string, path: string, body?: object, sudo?: string) => {
    const answer = await fetch(`${gitea.url}/api/v1${path}${sudo ? `?sudo=${sudo}` : ""}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  /** An account of the platform's sign-on (source 1), or of Gitea itself. */
  const account = (username: string, login_name: string, source_id: number) =>
    api("POST", "/admin/users", {
      ...{ username, login_name, source_id, email: `${username}@example.com` },
      ...{ password: randomBytes(18).toString("hex"), must_change_password: false },
    });
  const [member, outsider] = [randomUUID(), randomUUID()];
  // First, so that it also stands first in what Gitea answers: somebody else, known by the member's id.
  await account("aaa-somebody", member, 0);
  await account("member", member, 1);
  await account("outsider", outsider, 1);
  for (const visibility of ["public", "limited", "private"]) {
    const org = `org-${visibility}`;
    await api("POST", "/orgs", { username: org, visibility });
    const [team] = (await api("GET", `/orgs/${org}/teams`)) as { id: number }[];
    await api("PUT", `/teams/${team?.id}/members/member`);
    await api("POST", `/orgs/${org}/repos`, { name: "open", auto_init: true });
    await api("POST", `/orgs/${org}/repos`, { name: "closed", private: true, auto_init: true });
  }
  await api("POST", "/user/repos", { name: "own", private: true, auto_init: true }, "member");

  const git = giteaAccess(gitea);
  const who = { member, outsider, stranger: randomUUID(), key: undefined };
  const readers = async (repository: string) => {
    const may = await Promise.all(
      Object.entries(who).map(async ([name, id]) => ((await git.mayRead(repository, id, signal)) ? [name] : [])),
    );
    return may.flat();
  };
  expect(await readers("org-public/open")).toEqual(["member", "outsider", "stranger", "key"]);
  expect(await readers("org-public/closed")).toEqual(["member"]);
  expect(await readers("org-limited/open")).toEqual(["member", "outsider"]);
  expect(await readers("org-limited/closed")).toEqual(["member"]);
  expect(await readers("org-private/open")).toEqual(["member"]);
  expect(await readers("org-private/closed")).toEqual(["member"]);
  expect(await readers("member/own")).toEqual(["member"]);

  await setAccess(gitea, member, { allowed: false, ended: true }, signal);
  const locked = async (login: string) =>
    ((await api("GET", `/users/${login}`)) as { prohibit_login: boolean }).prohibit_login;
  expect([await locked("member"), await locked("aaa-somebody")]).toEqual([true, false]);
  expect(await readers("org-private/open")).toEqual([]);
  await setAccess(gitea, member, { allowed: true, ended: false }, signal);
  expect(await readers("org-private/open")).toEqual(["member"]);
});
