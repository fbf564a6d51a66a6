import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { code } from "../../../glue-services/code/app.ts";
import type { GitToken, RepositoriesTold } from "../../../glue-services/code/schemas.ts";
import { reserved } from "../../../glue-services/identity/reserved.ts";
import type { App, Identity } from "../../../glue-services/kit/index.ts";
import { program } from "../../program.ts";
import { platformWithSignOn, post, tokens } from "../mcp-gateway/oauth.ts";
import { colleague, type Rig, type Someone } from "../mcp-gateway/rig.ts";
import { type Account, type Agent, agent, type Hosting, startCode, startHosting } from "./hosting.ts";

const someone: Identity = {
  ...{ person: undefined, organisation: "an organisation", roles: [], scopes: ["code:read"] },
  ...{ via: "session" as const, credential: "a session" },
};

/**
 * Ada owns a private and a public repository, Bob may read the private one, Mallory may not. No test changes these:
 * one that writes makes somebody and a repository of its own.
 */
describe("Git hosting for agents, with a real Gitea", () => {
  const ends: (() => Promise<void>)[] = [];
  let hosting: Hosting;
  const people = { ada: "", bob: "", mallory: "" };

  beforeAll(async () => {
    hosting = await startHosting((end) => void ends.push(end));
    for (const name of Object.keys(people) as (keyof typeof people)[]) people[name] = await hosting.account(name);
    await hosting.repository("ada", { name: "vault", reader: "bob" });
    await hosting.api("POST", "/user/repos", { name: "open", auto_init: true }, "ada");
    await hosting.write("ada/vault", "src/ferry.ts", "one\ntwo\nthree\nfour\n");
    await hosting.write("ada/vault", "docs/über uns.md", "# Über uns\n");
    await hosting.write("ada/open", "README.txt", "open to all\n");
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  const all = ["mcp:use", "code:read", "code:write"];
  const as = (rig: Rig, who: keyof typeof people | Account, scopes = all) =>
    agent(rig, { person: typeof who === "string" ? people[who] : who.person, scopes });
  const found = async (who: Agent) =>
    (await who.call("find_repositories")).repositories.map(({ repository }: { repository: string }) => repository);

  test("each sees the repositories, files and issues that they see in Gitea, and no others", async () => {
    const rig = await startCode(hosting);
    const [owner, reader] = [await hosting.someone("owner"), await hosting.someone("reader")];
    const vault = await hosting.repository(owner.login, { reader: reader.login });
    await hosting.write(vault, "src/ferry.ts", "one\n");
    const [ada, bob, mallory] = [await as(rig, owner), await as(rig, reader), await as(rig, "mallory")];
    expect((await found(ada)).sort()).toEqual(["ada/open", vault]);
    expect((await found(bob)).sort()).toEqual(["ada/open", vault]);
    expect(await found(mallory)).toEqual(["ada/open"]);
    expect((await ada.call("find_repositories", { repository: vault })).repository).toMatchObject({
      private: true,
      mayWrite: true,
      address: `${hosting.gitea.publicUrl}/${vault}`,
    });
    expect((await bob.call("find_repositories", { repository: vault })).repository.mayWrite).toBe(false);
    const made = await ada.call("manage_issue", { action: "create", repository: vault, title: "Leak", body: "x" });
    expect(made.issue).toMatchObject({ number: 1, by: owner.login, state: "open" });
    expect((await bob.call("find_issues", { words: "Leak" })).issues).toHaveLength(1);
    expect((await mallory.call("find_issues", { words: "Leak" })).issues).toEqual([]);

    const closed = { repository: vault };
    for (const [name, given] of [
      ["find_repositories", closed],
      ["read_repository", closed],
      ["read_repository", { ...closed, path: "src/ferry.ts" }],
      ["find_issues", closed],
      ["find_issues", { ...closed, issue: 1 }],
      ["find_pull_requests", closed],
      ["read_diff", { ...closed, pull_request: 1 }],
      ["manage_issue", { ...closed, action: "comment", issue: 1, body: "hello" }],
      ["manage_issue", { ...closed, action: "create", title: "hello" }],
      ["manage_pull_request", { ...closed, action: "create", title: "x", head: "main", base: "main" }],
    ] as const) {
      await expect(mallory.call(name, given), `${name} ${JSON.stringify(given)}`).rejects.toThrow(/no such thing/);
    }
  });

  test("the scopes of the caller's key hold beside their rights, and Gitea itself keeps a reader from writing", async () => {
    const rig = await startCode(hosting);
    const reader = await as(rig, "ada", ["mcp:use", "code:read"]);
    const { tools } = await reader.client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      "find_issues",
      "find_pull_requests",
      "find_repositories",
      "read_diff",
      "read_repository",
    ]);
    await expect(reader.call("manage_issue", { action: "create", repository: "ada/open", title: "x" })).rejects.toThrow(
      /no tool manage_issue/,
    );
    // Bob reads the private repository, and has no right to change its issues.
    const owner = await hosting.someone("owner");
    const repository = await hosting.repository(owner.login, { reader: "bob" });
    await (await as(rig, owner)).call("manage_issue", { action: "create", repository, title: "Leak" });
    const bob = await as(rig, "bob");
    const change = { action: "update", repository, issue: 1, title: "Mine" };
    await expect(bob.call("manage_issue", change)).rejects.toThrow(/may not|no such thing/);
    await expect(bob.call("find_issues", { repository, issue: 1 })).resolves.toMatchObject({
      issue: { title: "Leak" },
    });
  });

  test("by OAuth an agent is whoever agreed, and does no more than they agreed to", async () => {
    const on = await platformWithSignOn([code(hosting.gitea)]);
    const { person } = await on.ada.ok<{ person: string }>("GET", "/api/identity/me");
    const eve = await hosting.someone("eve", person);
    const own = await hosting.repository(eve.login);
    const call = async (token: string, name: string, given: object) =>
      (await post(on, "/mcp", token, { method: "tools/call", params: { name, arguments: given } })).text();
    const reading = (await tokens(on, { scope: "mcp:use *:read" })).access_token;
    expect(await call(reading, "find_repositories", { repository: own })).toContain('"mayWrite\\":true');
    expect(await call(reading, "find_repositories", { repository: "ada/vault" })).toContain("no such thing");
    const issue = { action: "create", repository: own, title: "By an agent" };
    expect(await call(reading, "manage_issue", issue)).toContain("no tool manage_issue");
    const writing = (await tokens(on, { scope: "mcp:use *:read *:write" })).access_token;
    expect(await call(writing, "manage_issue", issue)).toContain(`by\\":\\"${eve.login}`);
  });

  test("a key of an organisation reads what is public and writes nothing; so does somebody without an account", async () => {
    const rig = await startCode(hosting);
    const machine = await agent(rig, { person: undefined, scopes: ["*"] });
    const stranger = await agent(rig, { scopes: ["*"] });
    for (const who of [machine, stranger]) {
      expect(await found(who)).toEqual(["ada/open"]);
      expect(await who.call("read_repository", { repository: "ada/open", path: "README.txt" })).toContain(
        "open to all",
      );
      await expect(who.call("read_repository", { repository: "ada/vault" })).rejects.toThrow(/no such thing/);
    }
    const write = { action: "create", repository: "ada/open", title: "x" };
    await expect(machine.call("manage_issue", write)).rejects.toThrow(/key of an organisation/);
    await expect(stranger.call("manage_issue", write)).rejects.toThrow(hosting.gitea.publicUrl);
  });

  test("the overview tells of pushes and pull requests that one may see, and whether one has pushed", async () => {
    const fresh = Fastify() as unknown as App;
    const feed = code(hosting.gitea);
    await feed.register(fresh);
    const identity = (name: keyof typeof people) => ({ ...someone, person: people[name] });
    const app = fresh;
    const told = async (name: keyof typeof people) =>
      (await feed.feed?.changes?.(app, identity(name)))?.map(({ action, target }) => `${action} ${target}`);
    expect(await told("ada")).toContain("repository.pushed ada/vault (main)");
    expect(await told("mallory")).toContain("repository.pushed ada/open (main)");
    expect(await told("mallory")).not.toContain("repository.pushed ada/vault (main)");
    expect(await feed.feed?.steps?.(app, identity("ada"))).toEqual({ push: true });
    // What others let one read is no push of one's own.
    expect(await feed.feed?.steps?.(app, identity("bob"))).toEqual({ push: false });
    expect(await feed.feed?.steps?.(app, { ...someone, person: undefined })).toEqual({});
    await fresh.close();
  });

  test("nobody takes somebody else's name, leaves the place they were given, or reaches what the platform's account may", async () => {
    const rig = await startCode(hosting);
    const mallory = await as(rig, "mallory");
    for (const repository of ["ada/vault?sudo=ada", "../admin", "ada/..", "ada/vault/../vault", "ada%2Fvault"]) {
      await expect(mallory.call("find_repositories", { repository }), repository).rejects.toThrow();
    }
    for (const path of [
      "../../../../admin/users",
      "..",
      "%2e%2e/%2e%2e/%2e%2e/admin/users",
      "src/../../vault",
      "a//b",
      "a\0b",
      "x?sudo=ada",
      "x#y",
    ]) {
      const given = { repository: "ada/open", path };
      await expect(mallory.call("read_repository", given), path).rejects.toThrow(/no such thing|A path must/);
    }
    for (const ref of ["main&sudo=ada", "../../vault", "refs/heads/main?sudo=devflow"]) {
      await expect(mallory.call("read_repository", { repository: "ada/open", ref }), ref).rejects.toThrow();
    }
    // An account of the same name that was there before belongs to nobody of the platform.
    const carol = hosting.name("carol");
    await hosting.api("POST", "/admin/users", {
      ...{ username: carol, email: `${carol}@example.com`, password: crypto.randomUUID() },
      ...{ login_name: carol, source_id: 0, must_change_password: false },
    });
    const impostor = await agent(rig, { person: carol, scopes: ["*"] });
    await expect(
      impostor.call("manage_issue", { action: "create", repository: "ada/open", title: "x" }),
    ).rejects.toThrow(/no account/);
    // The author is always the caller: it cannot be given.
    const made = await mallory.call("manage_issue", {
      ...{ action: "create", repository: "ada/open", title: "Hello", body: "x" },
      ...{ sudo: "ada", user: "ada" },
    });
    expect(made.issue.by).toBe("mallory");
  });

  test("the dashboard lists repositories as the person, and makes a token with which git pushes as them and does nothing else", async () => {
    const rig = await startCode(hosting);
    const signedIn = (person: string) => colleague(rig, { person, via: "session" });
    const list = async ({ headers }: Someone) => {
      const answer = await rig.app.inject({ url: "/api/code/repositories", headers });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<RepositoriesTold>();
    };
    const owner = await hosting.someone("owner");
    const vault = await hosting.repository(owner.login);
    const ada = signedIn(owner.person);
    const { sha } = await hosting.api<{ sha: string }>("GET", `/repos/${vault}/git/commits/main`);
    await hosting.api("POST", `/repos/${vault}/statuses/${sha}`, { state: "success", context: "ci" });
    const hers = await list(ada);
    expect(hers.account).toBe(owner.login);
    expect(hers.repositories.find(({ repository }) => repository === vault)).toMatchObject({
      ...{ private: true, checks: "success", branch: "main", clone: `${hosting.gitea.publicUrl}/${vault}.git` },
    });
    const names = (await list(signedIn(people.mallory))).repositories.map(({ repository }) => repository);
    expect(names).toContain("ada/open");
    expect(names).not.toContain(vault);
    expect((await list(signedIn(crypto.randomUUID()))).account).toBeNull();

    const make = ({ headers }: Someone) =>
      rig.app.inject({ method: "POST", url: "/api/code/tokens", headers, payload: {} });
    expect((await make(colleague(rig, { person: owner.person }))).statusCode).toBe(403);
    const made = await make(ada);
    expect(made.statusCode, made.body).toBe(201);
    const { account, name, token, scopes } = made.json<GitToken>();
    const { rows } = await rig.owner.query(
      "select action, person_id as person, details from devflow.audit where service = 'code' or target = $1",
      [name],
    );
    expect(rows).toEqual([
      { action: "git-token.made", person: owner.person, details: { account: owner.login, scopes } },
    ]);
    expect({ account, scopes }).toEqual({ account: owner.login, scopes: ["write:repository"] });
    const folder = await mkdtemp(join(tmpdir(), "devflow-push-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const address = `${hosting.gitea.publicUrl.replace("://", `://${account}:${token}@`)}/${vault}.git`;
    const git = (...args: string[]) =>
      promisify(execFile)("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd: folder });
    await git("clone", "--quiet", address, ".");
    await writeFile(join(folder, "pushed.txt"), "by git\n");
    await git("add", ".");
    await git("commit", "--quiet", "--message", "Push");
    await git("push", "--quiet", "origin", "HEAD");
    await hosting.api("GET", `/repos/${vault}/contents/pushed.txt`);
    const other = await fetch(`${hosting.gitea.url}/api/v1/user/keys`, {
      headers: { authorization: `token ${token}` },
    });
    expect(other.status).toBe(403);
  });

  test("no name that Gitea keeps for itself is given to a person, whichever of its addresses it is", async () => {
    const templates = join(await program("gitea"), "share/templates");
    const names = new Set(["login", "v2", "ghost", "gitea-actions", "ssh-info", "repo-avatars", "metrics", "devflow"]);
    for (const file of await readdir(templates, { recursive: true })) {
      if (!file.endsWith(".tmpl")) continue;
      const text = await readFile(join(templates, file), "utf8");
      for (const [, name = ""] of text.matchAll(/AppSubUrl\}\}\/([a-z0-9]+(?:-[a-z0-9]+)*)/g)) names.add(name);
    }
    expect(names.size).toBeGreaterThan(15);
    const free: string[] = [];
    for (const name of names) {
      const made = await hosting.api("POST", "/orgs", { username: name }).then(
        () => true,
        () => false,
      );
      if (made) await hosting.api("DELETE", `/orgs/${name}`);
      else if (!reserved.includes(name)) free.push(name);
    }
    expect(free).toEqual([]);
  });

  test("who is locked out of Gitea is locked out of the tools, and a name that changes hands takes no rights with it", async () => {
    const rig = await startCode(hosting);
    const dora = await hosting.someone("dora");
    const diary = await hosting.repository(dora.login, { name: "diary" });
    const her = await as(rig, dora);
    expect(await found(her)).toContain(diary);
    const dorothea = hosting.name("dorothea");
    await hosting.api("POST", `/admin/users/${dora.login}/rename`, { new_username: dorothea });
    const other = await agent(rig, { person: await hosting.account(dora.login), scopes: ["*"] });
    expect(await found(her)).toContain(`${dorothea}/diary`);
    expect(await found(other)).toEqual(["ada/open"]);
    await hosting.api("PATCH", `/admin/users/${dorothea}`, {
      ...{ login_name: dora.person, source_id: 1, prohibit_login: true },
    });
    await expect(her.call("find_repositories")).rejects.toThrow(/locked/);
  });

  test("files and folders are read, long ones in parts, and what is no text is not", async () => {
    const rig = await startCode(hosting);
    const owner = await hosting.someone("owner");
    const repository = await hosting.repository(owner.login);
    const ada = await as(rig, owner);
    const lines = Array.from({ length: 3000 }, (_, at) => `line ${at + 1} of a long file`);
    await hosting.write(repository, "src/ferry.ts", "one\n");
    await hosting.write(repository, "docs/über uns.md", "# Über uns\n");
    await hosting.write(repository, "long.txt", `${lines.join("\n")}\n`);
    await hosting.write(repository, "picture.png", Buffer.from([137, 80, 78, 71, 0, 0, 1]));
    const read = (path?: string, more: object = {}) =>
      ada.call("read_repository", { repository, ...(path && { path }), ...more });
    const top = (await read()).entries.map(({ path, type }: { path: string; type: string }) => `${type} ${path}`);
    expect(top).toEqual(["file README.md", "dir docs", "file long.txt", "file picture.png", "dir src"]);
    expect(await read("/docs/über uns.md")).toContain("# Über uns");
    expect(await read("picture.png")).toContain("no text");
    let from = 1;
    let all = "";
    for (let part = 1; from > 0 && part < 10; part++) {
      const text: string = await read("long.txt", { from_line: from });
      expect(text.length).toBeLessThan(31_000);
      all += `${text.split("\n\n")[1]}\n`;
      from = Number(/goes on at line (\d+)/.exec(text)?.[1] ?? 0);
    }
    expect(all.trimEnd().split("\n")).toEqual(lines);
    await expect(read("src/ferry.ts", { ref: "nothing" })).rejects.toThrow(/no such thing/);
  });

  test("issues are made, changed, labelled, commented on and read in parts", async () => {
    const rig = await startCode(hosting);
    const owner = await hosting.someone("owner");
    const repository = await hosting.repository(owner.login);
    await hosting.api("POST", `/repos/${repository}/labels`, { name: "bug", color: "ff0000" });
    const ada = await as(rig, owner);
    const manage = (given: object) => ada.call("manage_issue", { repository, ...given });
    const { issue } = await manage({
      ...{ action: "create", title: "Crash", body: "It crashes.", labels: ["Bug"], assignees: [owner.login] },
    });
    expect(issue).toMatchObject({ labels: ["bug"], assignees: [owner.login] });
    await expect(manage({ action: "create", title: "x", labels: ["nope"] })).rejects.toThrow(
      /no label nope.*It has bug/,
    );
    await expect(manage({ action: "create", title: "x", assignees: ["nope"] })).rejects.toThrow(/does not exist/);
    for (const body of ["one", "two", "three"]) await manage({ action: "comment", issue: issue.number, body });
    const read = (more: object) => ada.call("find_issues", { repository, issue: issue.number, ...more });
    expect(await read({ limit: 2 })).toMatchObject({
      issue: { title: "Crash", text: "It crashes." },
      comments: [{ by: owner.login, text: "one" }, { text: "two" }],
      ...{ total: 3, page: 1, more: true },
    });
    expect(await read({ limit: 2, page: 2 })).toMatchObject({ comments: [{ text: "three" }], more: false });
    const listed = async (more: object) =>
      (await ada.call("find_issues", { repository, ...more })).issues.map(({ title }: { title: string }) => title);
    expect(await listed({ labels: ["bug"] })).toEqual(["Crash"]);
    await expect(listed({ labels: ["nope"] })).rejects.toThrow(/no label nope/);
    await manage({ action: "update", issue: issue.number, state: "closed", labels: [] });
    expect(await listed({ words: "Crash" })).toEqual([]);
    expect(await listed({ words: "Crash", state: "closed" })).toEqual(["Crash"]);
    expect((await read({})).issue.labels).toBeUndefined();
  });

  test("a pull request is made, its diff read by numbers, and reviewed on those lines, all comments or none", async () => {
    const rig = await startCode(hosting);
    const owner = await hosting.someone("owner");
    const repository = await hosting.repository(owner.login, { reader: "bob" });
    await hosting.write(repository, "src/ferry.ts", "one\ntwo\nthree\nfour\n");
    const [ada, bob] = [await as(rig, owner), await as(rig, "bob")];
    const { sha } = await hosting.api<{ sha: string }>("GET", `/repos/${repository}/contents/src/ferry.ts`);
    await hosting.api("PUT", `/repos/${repository}/contents/src/ferry.ts`, {
      ...{ content: Buffer.from("one\ntwo!\nthree\nfour\nfive\n").toString("base64"), message: "x", sha },
      new_branch: "work",
    });
    const made = await ada.call("manage_pull_request", {
      ...{ action: "create", repository, title: "Louder", body: "Why not", head: "work", base: "main" },
    });
    const at = { repository, pull_request: made.pullRequest.number };
    expect(made.pullRequest).toMatchObject({ by: owner.login, head: { branch: "work" }, base: { branch: "main" } });
    const diff: string = await ada.call("read_diff", at);
    expect(diff.split("\n")).toEqual([
      "changed  +2 -1 src/ferry.ts",
      "",
      "=== src/ferry.ts (changed)",
      "@@ -1,4 +1,5 @@",
      "    1     1  one",
      "    2       -two",
      "          2 +two!",
      "    3     3  three",
      "    4     4  four",
      "          5 +five",
      "",
    ]);
    const review = (comments: object[], more: object = {}) =>
      bob.call("manage_pull_request", { action: "review", ...at, body: "Hm.", comments, ...more });
    const good = { path: "src/ferry.ts", line: 2, body: "Why so loud?" };
    await expect(review([good, { path: "src/ferry.ts", line: 40, body: "x" }])).rejects.toThrow(/It shows 1-5/);
    await expect(review([good, { path: "other.ts", line: 1, body: "x" }])).rejects.toThrow(/It changes src\/ferry.ts/);
    await expect(review([{ path: "src/ferry.ts", body: "x" }])).rejects.toThrow(/needs line or old_line/);
    expect((await ada.call("find_pull_requests", at)).reviews).toEqual([]);
    const given = await review([good, { path: "src/ferry.ts", old_line: 2, body: "It was fine." }], {
      verdict: "request_changes",
    });
    expect(given.review).toMatchObject({ verdict: "request_changes", comments: 2 });
    await bob.call("manage_pull_request", { action: "comment", ...at, body: "See above." });
    const seen = await ada.call("find_pull_requests", at);
    expect(seen).toMatchObject({
      pullRequest: { title: "Louder", state: "open", text: "Why not", changes: { files: 1 }, checks: null },
      reviews: [{ by: "bob", verdict: "request_changes", text: "Hm." }],
      comments: [{ by: "bob", text: "See above." }],
    });
    expect(seen.reviews[0].comments).toEqual([
      expect.objectContaining({ path: "src/ferry.ts", line: 2, text: "Why so loud?" }),
      expect.objectContaining({ path: "src/ferry.ts", old_line: 2, text: "It was fine." }),
    ]);
    expect((await ada.call("find_issues", { repository, words: "Louder" })).issues).toEqual([]);
    expect((await ada.call("find_pull_requests", { words: "Louder" })).pullRequests).toHaveLength(1);
    await ada.call("manage_pull_request", { action: "update", ...at, state: "closed" });
    expect((await ada.call("find_pull_requests", { repository })).pullRequests).toEqual([]);
  });

  test("the platform's tokens are few, narrow, gone with the host, and made anew when Gitea forgot them", async () => {
    const rig = await startCode(hosting);
    const ada = await as(rig, "ada");
    const tokens = () => hosting.api<{ name: string; scopes: string[] }[]>("GET", "/users/devflow/tokens?limit=50");
    const before = (await tokens()).map(({ name }) => name);
    await found(ada);
    await ada.call("manage_issue", { action: "create", repository: "ada/open", title: "x" });
    const made = (await tokens()).filter(({ name }) => !before.includes(name));
    expect(made.map(({ scopes }) => scopes.sort()).sort()).toEqual([
      ["read:admin"],
      ["read:issue", "read:organization", "read:repository"],
      ["read:organization", "write:issue", "write:repository"],
    ]);
    for (const { name } of made) await hosting.api("DELETE", `/users/devflow/tokens/${name}`);
    expect(await found(ada)).toContain("ada/vault");
    await rig.app.close();
    expect((await tokens()).map(({ name }) => name).sort()).toEqual(before.sort());
  });
});
