import { type IdentityOptions, identity } from "../../../glue-services/identity/app.ts";
import { issueLink } from "../../../glue-services/identity/one-time-link.ts";
import type { App, AppOptions, Service } from "../../../glue-services/kit/index.ts";
import { type Built, build, withConnections } from "../build.ts";

export const origin = "http://localhost:4400";
export const secret = "tests-only-tests-only-tests-only-tests-only";
export const strong = "copper lantern drifts quietly 42";

export interface Platform extends Built {
  link(purpose: "welcome" | "reset", person?: string): Promise<string>;
}

/**
 * The identity service on a database of its own, with the kit's verifier wired as the host wires it.
 *
 * @param options `requests`: connections it has for requests. @default what the host gives it
 */
export async function platform(
  more: Partial<IdentityOptions> = {},
  services: Service[] = [],
  { requests, ...options }: Partial<AppOptions> & { requests?: number } = {},
): Promise<Platform> {
  const whole = identity({ publicUrl: origin, secret, clients: [], ...more });
  const service = requests === undefined ? whole : withConnections(whole, requests);
  const logStream = process.env.SHOW_LOG ? { write: (line: string) => void process.stderr.write(line) } : undefined;
  const logging = logStream ? ({ logLevel: "error", logStream } as const) : {};
  return platformOf(await build([service, ...services], { verify: service.verify, ...logging, ...options }));
}

/** What tests ask of an app that has the identity service. */
export function platformOf(built: Built): Platform {
  return {
    ...built,
    async link(purpose, person) {
      const address = await issueLink(built.owner, origin, purpose, person ? { person } : {});
      return address.split("#")[1] as string;
    },
  };
}

/** Somebody with a browser's cookies. */
export class Visitor {
  readonly app: App;
  readonly cookies = new Map<string, string>();
  address = "127.0.0.1";

  constructor(app: App) {
    this.app = app;
  }

  async send(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", url: string, body?: object, headers: object = {}) {
    const response = await this.app.inject({
      method,
      url,
      remoteAddress: this.address,
      headers: {
        host: new URL(origin).host,
        origin,
        "sec-fetch-site": "same-origin",
        ...(this.cookies.size > 0 && {
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        }),
        ...headers,
      },
      ...(body && { payload: body }),
    });
    for (const cookie of response.cookies) {
      if (cookie.value === "" || cookie.maxAge === 0) this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, encodeURIComponent(cookie.value));
    }
    return response;
  }
}

/** The first administrator, signed in. */
export async function firstAdministrator(on: Platform, email = "ada@example.com"): Promise<Visitor> {
  const ada = new Visitor(on.app);
  const body = { token: await on.link("welcome"), name: "Ada", email, password: strong, organisation: "Example Ltd" };
  const response = await ada.send("POST", "/api/identity/welcome", body);
  if (response.statusCode !== 204) throw new Error(response.body);
  return ada;
}

/** Somebody who came by invitation, signed in. */
export async function invited(on: Platform, by: Visitor, email: string, roles: string[]): Promise<Visitor> {
  const invitation = await by.send("POST", "/api/identity/invitations", { email, roles });
  if (invitation.statusCode !== 201) throw new Error(invitation.body);
  const visitor = new Visitor(on.app);
  const token = (invitation.json() as { link: string }).link.split("#")[1];
  const response = await visitor.send("POST", "/api/identity/join", {
    token,
    name: email.split("@")[0],
    password: strong,
  });
  if (response.statusCode !== 204) throw new Error(response.body);
  return visitor;
}
