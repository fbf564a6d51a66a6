import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { Api, ask, basic, type Call } from "./api.ts";
import type { ResourceProvider } from "./provider.ts";

/** Gitea, and an administrator of it. */
const Server = Type.Object({ api: Api, user: Type.String(), password: Type.String() });
type Server = Type.Static<typeof Server>;

const Runner = Type.Object({ server: Server });
type Runner = Type.Static<typeof Runner>;

/** What a runner of the whole installation registers with. Gitea keeps one until it is renewed, so asking twice is one. */
export const giteaRunnerToken: ResourceProvider<Runner, { token: string }> = {
  inputs: Runner,
  secretOutputs: ["token"],
  identify: ({ server }) => server.api.url,
  async create({ server }) {
    return { id: server.api.url, outputs: await registrationToken(server) };
  },
  update: (_id, { server }) => registrationToken(server),
  /** A token that is no longer asked for lets nobody in who could not ask for another. */
  async delete() {},
};

async function registrationToken(server: Server): Promise<{ token: string }> {
  const path = "/api/v1/admin/actions/runners/registration-token";
  const { body } = await gitea(server, path, "ask for a runner's token", { method: "POST" });
  const { token } = body as { token?: unknown };
  if (typeof token !== "string" || token === "") throw odd("a runner's token", body);
  return { token };
}

const Hook = Type.Object({
  server: Server,
  /** Address that is called; also what tells one hook from another. */
  url: Type.String({ pattern: "^https?://" }),
  secret: Type.String({ minLength: 16 }),
  events: Type.Array(Type.String(), { minItems: 1 }),
});
type Hook = Type.Static<typeof Hook>;

interface FoundHook {
  id: number;
  config: { url: string };
}

/** A webhook of the whole installation: every repository calls it. */
export const giteaWebhook: ResourceProvider<Hook, object> = {
  inputs: Hook,
  replaceOn: ["url"],
  deleteBeforeReplace: true,
  identify: ({ url }) => url,
  async create(inputs) {
    await ensureHook(inputs);
    return { id: inputs.url, outputs: {} };
  },
  async update(_id, inputs) {
    await ensureHook(inputs);
    return {};
  },
  async read(url, { server }) {
    return (await hookOf(server, url).catch(stillThere)) === undefined ? undefined : {};
  },
  async delete(url, { server }) {
    const found = await hookOf(server, url);
    if (found) {
      await gitea(server, `/api/v1/admin/hooks/${found.id}`, "delete the webhook", {
        method: "DELETE",
        expected: [404],
      });
    }
  },
};

async function ensureHook({ server, url, secret, events }: Hook): Promise<void> {
  const found = await hookOf(server, url);
  const config = { url, content_type: "json", secret };
  const body = { type: "gitea", active: true, events, config, branch_filter: "*" };
  // The secret is never shown, so it is written again whatever it was.
  if (found) await gitea(server, `/api/v1/admin/hooks/${found.id}`, "change the webhook", { method: "PATCH", body });
  else await gitea(server, "/api/v1/admin/hooks", "make the webhook", { method: "POST", body });
}

async function hookOf(server: Server, url: string): Promise<FoundHook | undefined> {
  for (let page = 1; ; page++) {
    const { body } = await gitea(server, `/api/v1/admin/hooks?type=all&limit=50&page=${page}`, "list the webhooks");
    const found = body as FoundHook[];
    const match = found.find(({ config }) => config.url === url);
    if (match || found.length < 50) return match;
  }
}

const Application = Type.Object({
  server: Server,
  name: Type.String({ minLength: 1, maxLength: 60 }),
  redirectUris: Type.Array(Type.String({ pattern: "^https?://" }), { minItems: 1 }),
  confidential: Type.Boolean(),
});
type Application = Type.Static<typeof Application>;

interface Client {
  clientId: string;
  clientSecret: string;
}

interface FoundApplication {
  id: number;
  name: string;
  client_id: string;
  client_secret: string;
  redirect_uris: string[];
}

/**
 * A program that lets people in by Gitea. Gitea shows the secret when it is made or changed, and never again; so it is
 * changed, which makes a new one, only where ours is not known.
 */
export const giteaApplication: ResourceProvider<Application, Client> = {
  inputs: Application,
  secretOutputs: ["clientSecret"],
  replaceOn: ["name"],
  deleteBeforeReplace: true,
  identify: ({ name }) => name,
  async create(inputs, { host }) {
    const kept = await host.secrets.get(secretName(inputs.name));
    const found = await applicationOf(inputs.server, inputs.name);
    const same = found && kept && isSame(found, inputs);
    const client = same ? { clientId: found.client_id, clientSecret: kept } : await write(inputs, found);
    // Before it is returned: after a crash nobody could learn it again.
    await host.secrets.set(secretName(inputs.name), client.clientSecret);
    return { id: inputs.name, outputs: client };
  },
  async update(_id, inputs, _old, context) {
    return (await giteaApplication.create(inputs, context)).outputs;
  },
  async read(name, { server }, outputs) {
    const found = await applicationOf(server, name).catch(stillThere);
    return found === undefined ? undefined : outputs;
  },
  async delete(name, { server }) {
    const found = await applicationOf(server, name);
    if (!found) return;
    const path = `/api/v1/user/applications/oauth2/${found.id}`;
    await gitea(server, path, "delete the application", { method: "DELETE", expected: [404] });
  },
};

async function write(inputs: Application, found: FoundApplication | undefined): Promise<Client> {
  const { server, name, redirectUris, confidential } = inputs;
  const path = `/api/v1/user/applications/oauth2${found ? `/${found.id}` : ""}`;
  const { body } = await gitea(server, path, "make the application", {
    method: found ? "PATCH" : "POST",
    body: { name, redirect_uris: redirectUris, confidential_client: confidential },
  });
  const { client_id: clientId, client_secret: clientSecret } = body as Partial<FoundApplication>;
  if (!clientId || !clientSecret) throw odd("an application", body);
  return { clientId, clientSecret };
}

async function applicationOf(server: Server, name: string): Promise<FoundApplication | undefined> {
  const { body } = await gitea(server, "/api/v1/user/applications/oauth2?limit=50", "list the applications");
  return (body as FoundApplication[]).find((one) => one.name === name);
}

function isSame(found: FoundApplication, { redirectUris }: Application): boolean {
  return found.redirect_uris.join("\n") === redirectUris.join("\n");
}

function secretName(name: string): string {
  return `code/application-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
}

/** A server that cannot be asked says nothing about what it has. */
function stillThere(error: unknown): null {
  if (error instanceof DevflowError) return null;
  throw error;
}

function gitea({ api, user, password }: Server, path: string, what: string, call: Call = {}) {
  return ask(api, path, what, { ...call, authorization: basic(user, password) });
}

function odd(what: string, body: unknown): DevflowError {
  const fields = body && typeof body === "object" ? Object.keys(body).join(", ") : typeof body;
  return new DevflowError("COMPONENT_FAILED", `Gitea answered with ${fields} where ${what} was asked for.`, {
    hint: "Its version may be another than the catalogue's: see `./devflow logs code`.",
  });
}
