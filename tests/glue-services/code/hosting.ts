import { randomUUID } from "node:crypto";
import type { Client } from "@modelcontextprotocol/client";
import { code } from "../../../glue-services/code/app.ts";
import type { Identity } from "../../../glue-services/kit/index.ts";
import { freePort, type Gitea, startGitea } from "../identity/gitea.ts";
import { client, words } from "../mcp-gateway/clients.ts";
import { colleague, type Rig, type Someone, startMcpGateway } from "../mcp-gateway/rig.ts";

/** A real Gitea for all tests of a file, and its administrator's view of it. */
export interface Hosting {
  gitea: Gitea;
  /** As the administrator, or as somebody. @throws Error for what is no success */
  api<Data>(method: string, path: string, body?: object, as?: string): Promise<Data>;
  /** A name that no other test has. */
  name(start: string): string;
  /** Somebody's account, as their first sign-on makes it: it belongs to a person of the platform. */
  account(login: string, person?: string): Promise<string>;
  /** An account under a name that no other test has. */
  someone(start: string, person?: string): Promise<Account>;
  /** A private repository of somebody, which one more may read; answers `owner/name`. */
  repository(owner: string, given?: { name?: string; reader?: string }): Promise<string>;
  write(repository: string, path: string, content: string | Buffer, more?: object): Promise<void>;
}

/** Whose account at Gitea it is. */
export interface Account {
  login: string;
  person: string;
}

export async function startHosting(ended: (end: () => Promise<void>) => void): Promise<Hosting> {
  const gitea = await startGitea(await freePort(), "http://localhost:1", { ended });
  const authorization = `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`;
  const hosting: Hosting = {
    gitea,
    async api<Data>(method: string, path: string, body?: object, as?: string) {
      const answer = await fetch(`${gitea.url}/api/v1${path}`, {
        method,
        headers: { authorization, "content-type": "application/json", ...(as && { sudo: as }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as Data;
    },
    async account(login, person = randomUUID()) {
      await hosting.api("POST", "/admin/users", {
        ...{ username: login, email: `${person}@example.com`, password: randomUUID(), must_change_password: false },
        // The platform's sign-in is Gitea's first source.
        ...{ login_name: person, source_id: 1 },
      });
      return person;
    },
    name: (start) => `${start}-${randomUUID().slice(0, 8)}`,
    async someone(start, person) {
      const login = hosting.name(start);
      return { login, person: await hosting.account(login, person) };
    },
    async repository(owner, { name = "vault", reader } = {}) {
      await hosting.api("POST", "/user/repos", { name, private: true, auto_init: true }, owner);
      if (reader) {
        await hosting.api("PUT", `/repos/${owner}/${name}/collaborators/${reader}`, { permission: "read" });
      }
      return `${owner}/${name}`;
    },
    async write(repository, path, content, more = {}) {
      await hosting.api("POST", `/repos/${repository}/contents/${path}`, {
        content: Buffer.from(content).toString("base64"),
        message: `Write ${path}`,
        ...more,
      });
    },
  };
  return hosting;
}

/** An agent that calls tools of the platform by its MCP gateway. */
export interface Agent {
  who: Someone;
  client: Client;
  /** What a tool answers, as data or text. @throws Error with what it says when it refuses */
  // biome-ignore lint/suspicious/noExplicitAny: what is looked at differs from test to test.
  call(name: string, given?: object): Promise<any>;
}

export async function startCode({ gitea }: Hosting): Promise<Rig> {
  return startMcpGateway({ services: [code(gitea)] });
}

export async function agent(rig: Rig, given: Partial<Identity>): Promise<Agent> {
  const who = colleague(rig, given);
  const own = await client(rig, { who });
  return {
    who,
    client: own,
    async call(name, given = {}) {
      const answer = await own.callTool({ name, arguments: given as Record<string, unknown> });
      if (answer.isError) throw new Error(words(answer));
      return answer.structuredContent ?? words(answer);
    },
  };
}
