import { randomBytes } from "node:crypto";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { Api, ask, type Call } from "./api.ts";
import type { Context, ResourceProvider } from "./provider.ts";

/** GlitchTip, and an administrator of it. */
const Server = Type.Object({ api: Api, email: Type.String(), password: Type.String() });
type Server = Type.Static<typeof Server>;

const Name = Type.String({ minLength: 1, maxLength: 100 });

const Inputs = Type.Object({
  server: Server,
  organisation: Name,
  project: Name,
  /** Language or framework, by the name Sentry's protocol has for it. @example "node" */
  platform: Type.Optional(Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  /** What an app sends its errors by. It lets nobody read anything, and is part of every page that uses it. */
  dsn: string;
}

/**
 * A project of the tracker, in its organisation, with a key. It is talked to by a token that it gives to the first
 * administrator once and that is kept then: a password that is changed later, or a second factor, does not matter.
 */
export const glitchtipProject: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  replaceOn: ["organisation", "project"],
  identify: ({ organisation, project }) => `${organisation}/${project}`,
  async create(inputs, context) {
    return { id: `${inputs.organisation}/${inputs.project}`, outputs: await ensure(inputs, context) };
  },
  update: (_id, inputs, _old, context) => ensure(inputs, context),
  async read(_id, { server, organisation, project }, outputs, { host }) {
    const token = await host.secrets.get(tokenName);
    if (!token) return outputs;
    try {
      const call = by(server, token);
      const found = await inOrganisation(call, organisation, project);
      return found.project === undefined ? undefined : outputs;
    } catch (error) {
      // One that cannot be asked says nothing about what it has.
      if (error instanceof DevflowError) return outputs;
      throw error;
    }
  },
  /** Errors that were sent stay, as all data does. */
  async delete() {},
};

const tokenName = "errors/token";
const scopes = ["org", "team", "project"].flatMap((what) => ["read", "write", "admin"].map((how) => `${what}:${how}`));

interface Slugged {
  name?: string;
  slug: string;
}

/** Calls the API and gives the answer's body. */
type Caller = <Body>(path: string, what: string, body?: object) => Promise<Body>;

async function ensure(inputs: Inputs, context: Context): Promise<Outputs> {
  const { server, organisation, project, platform } = inputs;
  const call = by(server, await tokenOf(server, context));
  const found = await inOrganisation(call, organisation, project);
  const { slug } =
    found.organisation ?? (await call<Slugged>("/organizations/", "make the organisation", { name: organisation }));
  // A project belongs to a team; one of our own takes nobody else's.
  const teams = await call<Slugged[]>(`/organizations/${slug}/teams/?limit=100`, "list the teams");
  if (!teams.some((one) => one.slug === team))
    await call(`/organizations/${slug}/teams/`, "make the team", { slug: team });
  const own =
    found.project ??
    (await call<Slugged>(`/teams/${slug}/${team}/projects/`, "make the project", {
      name: project,
      ...(platform && { platform }),
    }));
  const keys = `/projects/${slug}/${own.slug}/keys/`;
  const [key] = await call<{ dsn?: { public?: string } }[]>(`${keys}?limit=1`, "list the project's keys");
  const { dsn } = key ?? (await call<{ dsn?: { public?: string } }>(keys, "make a key", { name: "DevFlow" }));
  if (!dsn?.public) throw odd("a key of the project");
  return { dsn: dsn.public };
}

const team = "devflow";

/** The organisation and the project, as far as they are there. */
async function inOrganisation(call: Caller, organisation: string, project: string) {
  const all = await call<Slugged[]>("/organizations/?limit=100", "list the organisations");
  const found = all.find(({ name }) => name === organisation);
  if (!found) return {};
  const projects = await call<Slugged[]>(`/organizations/${found.slug}/projects/?limit=100`, "list the projects");
  return { organisation: found, project: projects.find(({ name }) => name === project) };
}

function by({ api }: Server, token: string): Caller {
  return async <Body>(path: string, what: string, body?: object) => {
    const call: Call = { authorization: `Bearer ${token}`, ...(body && { method: "POST", body }) };
    return (await ask(api, `/api/0${path}`, what, call)).body as Body;
  };
}

/** The token that is kept, if the tracker still knows it; else a new one, which only who signs in is given. */
async function tokenOf(server: Server, { host }: Context): Promise<string> {
  const kept = await host.secrets.get(tokenName);
  if (kept) {
    const call: Call = { authorization: `Bearer ${kept}`, expected: [401, 403] };
    if ((await ask(server.api, "/api/0/organizations/?limit=1", "use our token", call)).ok) return kept;
  }
  const session = await signIn(server);
  const { body } = await ask(server.api, "/api/0/api-tokens/", "make a token", {
    method: "POST",
    headers: session,
    body: { label: "DevFlow", scopes },
  });
  const { token } = body as { token?: unknown };
  if (typeof token !== "string" || token === "") throw odd("a token");
  // Before it is used: it is shown once.
  await host.secrets.set(tokenName, token);
  return token;
}

/** Headers of a session. Against forged requests the tracker wants one value twice, in a cookie and beside it. */
async function signIn({ api, email, password }: Server): Promise<Record<string, string>> {
  const forgery = randomBytes(16).toString("hex");
  const answer = await ask(api, "/_allauth/browser/v1/auth/login", "sign in", {
    method: "POST",
    headers: { cookie: `csrftoken=${forgery}`, "x-csrftoken": forgery },
    body: { email, password },
    expected: [400, 401],
  });
  if (!answer.ok) throw noEntry(email);
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0] ?? "");
  const session = cookies.filter((cookie) => !cookie.startsWith("csrftoken="));
  if (session.length === 0) throw odd("a session");
  // Signing in gives another value against forgery; any that stands in both places will do.
  return { cookie: [...session, `csrftoken=${forgery}`].join("; "), "x-csrftoken": forgery };
}

function noEntry(email: string): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `The error tracker does not let ${email} in with the stack's password.`, {
    hint: "Its password was changed there, or a second factor was set up, before DevFlow had a token of its own. Give it the one that `./devflow secrets get errors/administrator` prints, without a second factor, until `./devflow up` has run once.",
  });
}

function odd(what: string): DevflowError {
  return new DevflowError(
    "COMPONENT_FAILED",
    `The error tracker answered without ${what} where it was asked for one.`,
    {
      hint: "Its version may be another than the catalogue's: see `./devflow logs errors`.",
    },
  );
}
