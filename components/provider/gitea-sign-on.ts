import pg from "pg";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import type { ResourceProvider } from "./provider.ts";
import { open, Reach } from "./reach/index.ts";

const Inputs = Type.Object({
  database: Type.Object({
    host: Type.String(),
    port: Type.Integer(),
    user: Type.String(),
    password: Type.String(),
    database: Type.String(),
    sslMode: Type.Optional(Type.Union([Type.Literal("disable"), Type.Literal("require")])),
  }),
  reach: Type.Optional(Reach),
  /** What people read on its button; also part of the address that sign-on comes back to. */
  name: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }),
  discoveryUrl: Type.String({ pattern: "^https?://" }),
  clientId: Type.String(),
  clientSecret: Type.String({ minLength: 32 }),
  /** Group whose people administer Gitea. */
  administrators: Type.String(),
});
type Inputs = Type.Static<typeof Inputs>;

/** Gitea's own number for sources that speak OAuth2. */
const oauth2 = 6;

/**
 * The platform's sign-in as an authentication source of Gitea. Its API knows no sources, and its command takes the
 * client's secret only as an argument, which every user of the machine could read; so the row is written as the command
 * would write it. Gitea reads it whenever somebody begins to sign in.
 */
export const giteaSignOn: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  replaceOn: ["name"],
  identify: ({ name }) => name,
  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.name, outputs: {} };
  },
  async update(_id, inputs) {
    await ensure(inputs);
    return {};
  },
  async delete(_id, inputs) {
    await connected(inputs, async (client) => {
      await client.query("UPDATE login_source SET is_active = false WHERE type = $1 AND name = $2", [
        oauth2,
        inputs.name,
      ]);
    });
  },
};

async function ensure(inputs: Inputs): Promise<void> {
  await connected(inputs, async (client) => {
    const { rows } = await client.query("SELECT to_regclass('login_source') IS NOT NULL AS there");
    if (!rows[0]?.there) throw notReady();
    // Second factors are asked for by the platform; Gitea asking for its own again would be a second sign-in.
    await client.query(
      `INSERT INTO login_source (type, name, is_active, is_sync_enabled, two_factor_policy, cfg, created_unix, updated_unix)
       VALUES ($1, $2, true, false, 'skip', $3, extract(epoch FROM now())::bigint, extract(epoch FROM now())::bigint)
       ON CONFLICT (name) DO UPDATE SET is_active = true, two_factor_policy = 'skip', cfg = $3,
         updated_unix = extract(epoch FROM now())::bigint
       WHERE login_source.type = $1`,
      [oauth2, inputs.name, JSON.stringify(source(inputs))],
    );
  });
}

function source(inputs: Inputs): object {
  return {
    Provider: "openidConnect",
    ClientID: inputs.clientId,
    ClientSecret: inputs.clientSecret,
    OpenIDConnectAutoDiscoveryURL: inputs.discoveryUrl,
    CustomURLMapping: null,
    IconURL: "",
    Scopes: ["openid", "profile", "email", "groups"],
    RequiredClaimName: "",
    RequiredClaimValue: "",
    GroupClaimName: "groups",
    AdminGroup: inputs.administrators,
    GroupTeamMap: "",
    GroupTeamMapRemoval: false,
    RestrictedGroup: "",
    SSHPublicKeyClaimName: "",
    FullNameClaimName: "name",
  };
}

async function connected(inputs: Inputs, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const { host, port, sslMode, ...login } = inputs.database;
  await using way = await open(inputs.reach, { host, port }, AbortSignal.timeout(30_000));
  const timeouts = { connectionTimeoutMillis: 10_000, query_timeout: 30_000 };
  // Encrypted; who answers is said by the way there, whose end has another name than the certificate.
  const ssl = sslMode === "require" ? { rejectUnauthorized: false } : false;
  const client = new pg.Client({ ...login, host: way.host, port: way.port, ssl, ...timeouts });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function notReady(): DevflowError {
  return new DevflowError("COMPONENT_FAILED", "Gitea has not made its tables yet.", {
    hint: "See `./devflow logs code`, then run `./devflow up` again.",
  });
}
