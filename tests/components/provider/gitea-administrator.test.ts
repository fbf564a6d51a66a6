import { expect, test } from "vitest";
import { giteaAdministrator } from "../../../components/provider/gitea-administrator.ts";
import type { Context } from "../../../components/provider/provider.ts";
import { freePort, startGitea } from "../../glue-services/identity/gitea.ts";

test("a password that Gitea refuses leaves no token of the administrator behind, and a good one is set after it", async () => {
  const gitea = await startGitea(await freePort(), "http://localhost:1");
  const context = { signal: AbortSignal.timeout(300_000), report() {} } as unknown as Context;
  const ask = async (path: string, user = gitea.user, password = gitea.password) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return fetch(`${gitea.url}/api/v1${path}`, { headers: { authorization } });
  };
  const tokens = async (user: string) => (await ask(`/users/${user}/tokens`)).json();
  const inputs = (username: string, password: string) => {
    return { url: gitea.url, ...gitea.cli, username, email: `${username}@noreply.localhost`, password };
  };
  const [good, short] = [inputs(gitea.user, gitea.password), inputs(gitea.user, "short")];
  const old = { inputs: good, outputs: {} };
  await expect(giteaAdministrator.update?.(gitea.user, short, old, context)).rejects.toThrow(/refused to set/);
  expect(await tokens(gitea.user)).toEqual([]);
  // The platform goes on with the former one.
  expect((await ask("/user")).status).toBe(200);

  await expect(giteaAdministrator.create(inputs("second", "short"), context)).rejects.toThrow(/refused to set/);
  expect(await tokens("second")).toEqual([]);
  const password = "a long enough password";
  await giteaAdministrator.create(inputs("second", password), context);
  expect((await ask("/user", "second", password)).status).toBe(200);
  expect(await tokens("second")).toEqual([]);
});
