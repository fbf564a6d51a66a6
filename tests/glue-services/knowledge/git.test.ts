import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { giteaAccess } from "../../../glue-services/knowledge/git/gitea.ts";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { freePort, startGitea } from "../identity/gitea.ts";
import { startHub } from "./knowledge.ts";

test("a repository of a real Gitea is read, again at a push, and only as far as whoever added it may read", async () => {
  const gitea = await startGitea(await freePort(), "http://localhost:1");
  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${gitea.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const write = (repository: string, path: string, text: string, sha?: string) =>
    api(sha ? "PUT" : "POST", `/repos/devflow/${repository}/contents/${path}`, {
      content: Buffer.from(text).toString("base64"),
      message: "write",
      ...(sha && { sha }),
    });
  await api("POST", "/user/repos", { name: "open", auto_init: true });
  await api("POST", "/user/repos", { name: "closed", private: true, auto_init: true });
  const made = (await write(
    "open",
    "src/ferry.ts",
    "/** Crosses the fjord. */\nexport function boardTheFerry() {}\n",
  )) as {
    content: { sha: string };
  };
  await write("open", "node_modules/x/index.js", "export const junk = 'marmot';\n");
  await write("closed", "secret.md", "# Secret\n\nThe marmot vault.");

  const hub = await startHub({ git: giteaAccess(gitea), hooksAt: "http://127.0.0.1:1" });
  const ended = async (id: string, state: RegExp, runs: number) => {
    let source: SourceTold | undefined;
    const count = () =>
      hub.owner.query("select from knowledge.run where source_id = $1 and ended_at is not null", [id]);
    await expect
      .poll(
        async () => {
          source = await hub.ask<SourceTold>("GET", `/sources/${id}`);
          return [source.run?.state, (await count()).rowCount];
        },
        { timeout: 50_000 },
      )
      .toEqual([expect.stringMatching(state), runs]);
    return source as SourceTold;
  };
  const add = (address: string) => hub.ask<SourceTold>("POST", "/sources", { kind: "git", address });
  const open = await add(`${gitea.publicUrl}/devflow/open.git`);
  expect((await ended(open.id, /done/, 1)).run).toMatchObject({ failed: 0, read: 2 });
  const [hit] = await hub.hits("boardTheFerry");
  expect(hit?.citation).toMatchObject({ page: { address: "src/ferry.ts" }, lines: { first: 1, last: 2 } });
  expect(await hub.hits("marmot")).toEqual([]);

  // Somebody who has no account there reads what is public; the platform's own account is not lent out.
  const closed = await add("devflow/closed");
  expect((await ended(closed.id, /failed/, 1)).run?.note).toContain("may not read it");
  expect(await hub.hits("marmot")).toEqual([]);

  // A push: Gitea was told where to tell of it, and proves by its signature that it is Gitea.
  const hooks = (await api("GET", "/repos/devflow/open/hooks")) as { config: { url: string } }[];
  expect(hooks.map(({ config }) => config.url)).toEqual([`http://127.0.0.1:1/api/knowledge/hooks/${open.id}`]);
  await write(
    "open",
    "src/ferry.ts",
    "/** Crosses the strait. */\nexport function leaveTheFerry() {}\n",
    made.content.sha,
  );
  const { rows } = await hub.owner.query("select hook_secret from knowledge.source where id = $1", [open.id]);
  const payload = JSON.stringify({ ref: "refs/heads/main" });
  const push = (signature: string) =>
    hub.app.inject({
      method: "POST",
      url: `/api/knowledge/hooks/${open.id}`,
      headers: { "content-type": "application/json", "x-gitea-signature": signature },
      payload,
    });
  expect((await push("00".repeat(32))).statusCode).toBe(401);
  expect((await push(createHmac("sha256", rows[0].hook_secret).update(payload).digest("hex"))).statusCode).toBe(202);
  expect((await ended(open.id, /done/, 2)).run).toMatchObject({ read: 1, unchanged: 1 });
  expect(await hub.hits("leaveTheFerry", { mode: "words" })).toHaveLength(1);
  expect(await hub.hits("boardTheFerry", { mode: "words" })).toEqual([]);
}, 180_000);
