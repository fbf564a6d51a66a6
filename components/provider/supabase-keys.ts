import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  randomUUID,
  sign,
} from "node:crypto";
import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  /** Where the store keeps them: `component/credential`. */
  name: Type.String({ pattern: "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$" }),
  /** Signs and verifies tokens of the older kind, which stay valid beside the new ones. */
  jwtSecret: Type.String({ minLength: 32 }),
});
type Inputs = Type.Static<typeof Inputs>;

interface Keys {
  /** `sb_publishable_…`, for programs that people hold in their hands. */
  publishable: string;
  /** `sb_secret_…`, for servers. */
  secret: string;
  /** Tokens that the gateway puts in their place: of the roles anon and service_role. */
  anonToken: string;
  serviceToken: string;
  /** Private key with the shared secret, as JSON Web Keys: only who signs gets it. */
  signingKeys: string;
  /** Public key with the shared secret, as a JSON Web Key Set: who verifies gets it. */
  verifyingKeys: string;
}

/** What is kept; all else follows from it and the shared secret. */
interface Kept {
  kid: string;
  key: JsonWebKey;
  publishable: string;
  secret: string;
  anonToken: string;
  serviceToken: string;
}

/** Five years, as upstream's own script; a rotation comes before. */
const lifetime = 5 * 365 * 24 * 3600;

/**
 * The keys of a Supabase project: an asymmetric key that tokens are signed with, and the two API keys of the new kind. Made
 * once and kept in the stack's store, so that clients stay valid whatever is made anew.
 */
export const supabaseKeys: ResourceProvider<Inputs, Keys> = {
  inputs: Inputs,
  secretOutputs: ["publishable", "secret", "anonToken", "serviceToken", "signingKeys", "verifyingKeys"],
  replaceOn: ["name"],
  identify: ({ name }) => name,
  async create(inputs, { host }) {
    const known = await host.secrets.get(inputs.name);
    if (known === undefined) await host.secrets.set(inputs.name, JSON.stringify(generate()));
    // Read again: another run may have been first.
    const kept = JSON.parse((await host.secrets.get(inputs.name)) ?? "") as Kept;
    return { id: inputs.name, outputs: keysOf(kept, inputs.jwtSecret) };
  },
  async update(name, inputs, old, { host }) {
    const kept = await host.secrets.get(name);
    return kept === undefined ? old.outputs : keysOf(JSON.parse(kept) as Kept, inputs.jwtSecret);
  },
  async read(name, inputs, _outputs, { host }) {
    const kept = await host.secrets.get(name);
    return kept === undefined ? undefined : keysOf(JSON.parse(kept) as Kept, inputs.jwtSecret);
  },
  /** Kept, as every generated secret: data that outlives the product can be opened with it only. */
  async delete() {},
};

function generate(): Kept {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ format: "jwk" });
  const kid = randomUUID();
  return {
    kid,
    key,
    publishable: apiKey("sb_publishable_"),
    secret: apiKey("sb_secret_"),
    anonToken: token(key, kid, "anon"),
    serviceToken: token(key, kid, "service_role"),
  };
}

function keysOf({ kid, key, publishable, secret, anonToken, serviceToken }: Kept, jwtSecret: string): Keys {
  const { d, ...publicKey } = key;
  const shared = { kty: "oct", k: Buffer.from(jwtSecret).toString("base64url"), alg: "HS256" };
  const common = { ...publicKey, kid, use: "sig", alg: "ES256", ext: true };
  return {
    ...{ publishable, secret, anonToken, serviceToken },
    signingKeys: JSON.stringify([{ ...common, d, key_ops: ["sign", "verify"] }, shared]),
    verifyingKeys: JSON.stringify({ keys: [{ ...common, key_ops: ["verify"] }, shared] }),
  };
}

function token(key: JsonWebKey, kid: string, role: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "ES256", typ: "JWT", kid })}.${encode({ role, iss: "supabase", iat, exp: iat + lifetime })}`;
  const privateKey = createPrivateKey({ key, format: "jwk" });
  return `${signed}.${sign("SHA256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

/** Prefix, 22 random characters, and 8 of a checksum over the project's name and both, as upstream's keys have them. */
function apiKey(prefix: string): string {
  const body = prefix + randomBytes(17).toString("base64url").slice(0, 22);
  return `${body}_${createHash("sha256").update(`supabase-self-hosted|${body}`).digest("base64url").slice(0, 8)}`;
}
