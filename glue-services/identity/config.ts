import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { type Static, Type } from "typebox";
import { type IdentityService, identity } from "./app.ts";
import { Client } from "./clients.ts";
import { GiteaAccess } from "./gitea/gitea.ts";

/** What the service is told in a file, since most of it is secret: JSON, mode 0600, named by IDENTITY_CONFIG. */
export const IdentityConfig = Type.Object({
  secret: Type.String({ minLength: 32, description: "Signs cookies and encrypts what must be read back." }),
  formerSecret: Type.Optional(Type.String({ description: "The secret before, while it is rotated; may be empty." })),
  clients: Type.Array(Client, { default: [] }),
  internalProviders: Type.Array(Type.String({ format: "uri" }), { default: [] }),
  first: Type.Optional(
    Type.Object({ organisation: Type.Optional(Type.String()), email: Type.Optional(Type.String()) }),
  ),
  gitea: Type.Optional(GiteaAccess),
  smtp: Type.Optional(Type.Object({ url: Type.String({ pattern: "^smtps?://" }), from: Type.String() })),
});
export type IdentityConfig = Static<typeof IdentityConfig>;

/** @throws Error that names what is wrong in the file, never its values */
export async function identityFrom(file: string, publicUrl: string): Promise<IdentityService> {
  return identity({ publicUrl, ...(await readConfig(file)) });
}

/** @throws Error that names what is wrong in the file, never its values */
export async function readConfig(file: string): Promise<IdentityConfig> {
  const config: unknown = JSON.parse(await readFile(file, "utf8"));
  const ajv = new Ajv({ allErrors: true, useDefaults: true });
  addFormats.default(ajv);
  const validate = ajv.compile<IdentityConfig>(IdentityConfig);
  if (validate(config)) return config;
  const problems = (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message}`);
  throw new Error(`${file} is not valid: ${problems.join("; ")}.`);
}
