import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { buildApp, metricsPath } from "../../../glue-services/kit/index.ts";
import { giteaAccess } from "../../../glue-services/knowledge/git/gitea.ts";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { freePort, startGitea } from "../identity/gitea.ts";
import { startHub } from "./knowledge.ts";

test("a repository of a real Gitea is read, again at a push, and only as far as whoever added it may read", async () => {
  const port = await freePort();
  const hooksAt = `http://127.0.0.1:${port}`;
  const gitea = await startGitea(await freePort(), "http://localhost:1", { hooksAt });
  const api = apiOf(gitea);
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

  const hub = await startHub({ git: giteaAccess(gitea), hooksAt });
  await hub.app.listen({ host: "127.0.0.1", port });
  const ended = async (id: string, state: RegExp, runs: number) => {
    let source: SourceTold | undefined;
    const count = () =>
      hub.owner.query("select from knowledge.run where source_id = $1 and ended_at is not null", [id]);
    await expect
      .poll(async () => {
        source = await hub.ask<SourceTold>("GET", `/sources/${id}`);
        return [source.run?.state, (await count()).rowCount];
      })
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

  // A push: Gitea was told where to tell of it, reaches that place, and proves by its signature that it is Gitea.
  type Hook = { id: number; config: { url: string } };
  const hooks = (await api("GET", "/repos/devflow/open/hooks")) as Hook[];
  expect(hooks.map(({ config }) => config.url)).toEqual([`${hooksAt}/api/knowledge/hooks/${open.id}`]);
  await write(
    "open",
    "src/ferry.ts",
    "/** Crosses the strait. */\nexport function leaveTheFerry() {}\n",
    made.content.sha,
  );
  expect((await ended(open.id, /done/, 2)).run).toMatchObject({ read: 1, unchanged: 1 });
  expect(await hub.hits("leaveTheFerry", { mode: "words" })).toHaveLength(1);
  expect(await hub.hits("boardTheFerry", { mode: "words" })).toEqual([]);

  const forged = await hub.app.inject({
    method: "POST",
    url: `/api/knowledge/hooks/${open.id}`,
    headers: { "content-type": "application/json", "x-gitea-signature": "00".repeat(32) },
    payload: "{}",
  });
  expect(forged.statusCode).toBe(401);

  // Nothing was pushed: the next reading asks for the commit, and leaves everything as it is.
  await hub.ask("POST", `/sources/${open.id}/read`);
  expect((await ended(open.id, /done/, 3)).run).toMatchObject({ found: 0, read: 0, removed: 0 });
  expect(await hub.hits("leaveTheFerry", { mode: "words" })).toHaveLength(1);
  await hub.ask("PATCH", `/sources/${open.id}`, { settings: { exclude: ["src/"] } });
  await hub.ask("POST", `/sources/${open.id}/read`);
  expect((await ended(open.id, /done/, 4)).run).toMatchObject({ removed: 1 });
});

test("webhooks of Gitea reach the platform's hooks, and neither its other addresses nor other programs here", async () => {
  const port = await freePort();
  const hooksAt = `http://127.0.0.1:${port}`;
  const gitea = await startGitea(await freePort(), "http://localhost:1", { hooksAt });
  const got: string[] = [];
  const app = await buildApp({ version: "1", logLevel: "silent" });
  onTestFinished(() => app.close());
  app.post("/hook", { auth: "public", config: { hook: true } }, async () => void got.push("hook"));
  app.post("/other", { auth: "public" }, async () => void got.push("other"));
  app.addHook("onResponse", async ({ url }, { statusCode }) => void got.push(`${statusCode} ${url}`));
  await app.listen({ host: "127.0.0.1", port });
  const neighbour = createServer((_request, response) => {
    got.push("neighbour");
    response.end();
  });
  await new Promise<void>((resolve) => neighbour.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void neighbour.close());
  const api = apiOf(gitea);
  await api("POST", "/user/repos", { name: "any", auto_init: true });
  const beside = (neighbour.address() as AddressInfo).port;
  const urls = [`:${beside}/`, `:${port}/other`, `:${port}${metricsPath}`].map((end) => `http://127.0.0.1${end}`);
  for (const url of [...urls, `http://localhost:${beside}/`, `http://[::1]:${beside}/`, `${hooksAt}/hook`]) {
    const config = { url, content_type: "json", secret: "x" };
    const http = url.endsWith(metricsPath) ? { ...config, http_method: "get" } : config;
    const made = (await api("POST", "/repos/devflow/any/hooks", {
      ...{ type: "gitea", active: true, events: ["push"], config: http },
    })) as { id: number };
    await api("POST", `/repos/devflow/any/hooks/${made.id}/tests`);
  }
  await expect.poll(() => got.length).toBeGreaterThanOrEqual(4);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(got.sort()).toEqual(["200 /hook", `404 ${metricsPath}`, "404 /other", "hook"]);
});

type Gitea = Awaited<ReturnType<typeof startGitea>>;

function apiOf(gitea: Gitea) {
  return async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${gitea.url}/api/v1${path}`, {
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
}
