import type { Agent } from "undici";
import type { GiteaAccount } from "../code/contract.ts";
import type { App, Service, Verifier } from "../kit/index.ts";
import { identityAnswers } from "./answers.ts";
import { createAuth } from "./auth.ts";
import { type Client, registerClients } from "./clients.ts";
import { identityChannel, identityContract } from "./contract.ts";
import { cookieNames } from "./cookie-names.ts";
import { serveEndpoints } from "./endpoints.ts";
import { feed } from "./feed.ts";
import { find } from "./find.ts";
import { followInGitea } from "./gitea/follow.ts";
import { type MailServer, mailerOf } from "./mail.ts";
import { documentsOf } from "./oauth/metadata-document.ts";
import { rekey } from "./rekey.ts";
import { agentRoutes } from "./routes/agents.ts";
import { auditRoutes } from "./routes/audit.ts";
import { consentRoutes } from "./routes/consent.ts";
import { devicePageRoute } from "./routes/device-page.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { keyRoutes } from "./routes/keys.ts";
import { linkRoutes } from "./routes/links.ts";
import { loginRoutes } from "./routes/logins.ts";
import { meRoutes } from "./routes/me.ts";
import { metadataRoutes } from "./routes/metadata.ts";
import { organisationRoutes } from "./routes/organisations.ts";
import { pageRoutes } from "./routes/pages.ts";
import { peopleRoutes } from "./routes/people.ts";
import { type First, readLinkRoute } from "./routes/read-link.ts";
import { roleRoutes } from "./routes/roles.ts";
import { signOnRoutes } from "./routes/sign-on.ts";
import { sweep } from "./sweep.ts";
import { identityReader, withoutForeignSessions } from "./verifier.ts";

export interface IdentityOptions {
  /** Address under which people reach the platform. */
  publicUrl: string;
  /** Signs cookies and encrypts what must be read back. At least 32 characters. */
  secret: string;
  /** The secret before, while it is being rotated: what it encrypted is encrypted anew before the service answers. */
  formerSecret?: string | undefined;
  /** Programs that sign people on here. */
  clients: readonly Client[];
  gitea?: GiteaAccount | undefined;
  /** Where mail goes out. @default the platform's secrets SMTP_URL and MAIL_FROM; without these links are only shown */
  smtp?: MailServer | undefined;
  /** What the welcome form is filled with. */
  first?: First | undefined;
  /** Origins of identity providers in a private network; others must be reachable from everywhere. @default [] */
  internalProviders?: readonly string[];
  /** Connections to the documents that describe clients. @default to public addresses only */
  documents?: Agent;
}

/** The service, and the verifier by which the kit knows whom each request of every service comes from. */
export interface IdentityService extends Service {
  verify: Verifier;
}

/** People, organisations, roles, keys and sign-on. */
export function identity(options: IdentityOptions): IdentityService {
  const { publicUrl, secret, gitea } = options;
  const following = gitea && followInGitea(gitea);
  let read: Verifier = async () => undefined;
  return {
    name: "identity",
    feed,
    find,
    migrations: new URL("migrations/", import.meta.url),
    jobs: [sweep, ...(following?.jobs ?? [])],
    subscriptions: following?.subscriptions ?? [],
    verify: (request) => read(request),
    async register(app) {
      const { pool } = app.database;
      if (options.formerSecret) {
        const done = await rekey(pool, secret, options.formerSecret);
        app.log[done.lost > 0 ? "warn" : "info"](done, "second factors and signing keys encrypted anew");
      }
      const auth = createAuth({
        ...{ pool, secret, publicUrl, internalProviders: options.internalProviders ?? [] },
        documents: documentsOf(pool, options.documents),
      });
      const session = cookieNames(publicUrl).sent;
      app.addHook("onRequest", async ({ headers }) => {
        if (headers.cookie) headers.cookie = withoutForeignSessions(headers.cookie, session, secret);
      });
      const reader = identityReader(pool, secret, publicUrl);
      read = reader.read;
      app.provide(identityContract, identityAnswers(pool, reader));
      // Before those who ask anew when somebody's standing changed.
      await listen(app, reader.forget);
      await registerClients(pool, options.clients);
      await serveEndpoints(app, auth, secret, publicUrl);
      const mailer = mailerOf(app, { publicUrl, given: options.smtp });
      linkRoutes(app, { auth, secret });
      readLinkRoute(app, options.first ?? {});
      meRoutes(app, { auth, publicUrl, leave: (person) => leave(app, person, gitea) });
      agentRoutes(app);
      deviceRoutes(app, { publicUrl });
      devicePageRoute(app, { read: reader.read });
      loginRoutes(app);
      peopleRoutes(app);
      invitationRoutes(app, { publicUrl, mailer });
      organisationRoutes(app, { publicUrl, mailer });
      roleRoutes(app);
      keyRoutes(app);
      signOnRoutes(app, { auth, publicUrl });
      auditRoutes(app);
      metadataRoutes(app, auth);
      consentRoutes(app, { read: reader.read, publicUrl });
      await pageRoutes(app);
    },
  };
}

/** A change anywhere is heard by every host. */
async function listen(app: App, heard: () => void): Promise<void> {
  const others = await app.listener.on(identityChannel, heard);
  app.addHook("preClose", async () => others.close());
}

/** Where to go on signing out: through Gitea, which then ends its own session, for whoever was signed on there. */
async function leave(app: App, person: string, gitea: GiteaAccount | undefined): Promise<string> {
  if (!gitea) return "/sign-in";
  const { rowCount } = await app.database.pool.query(
    `select from "oauthAccessToken" where "userId" = $1 and "clientId" = 'code' limit 1`,
    [person],
  );
  return rowCount ? `${gitea.publicUrl}/user/logout` : "/sign-in";
}
