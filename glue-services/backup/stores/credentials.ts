import { readFile } from "node:fs/promises";
import { elements } from "./xml.ts";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Milliseconds since 1970. */
  expires?: number;
}

/**
 * Keys of the S3 server: those in the environment (ACCESS_KEY_ID, ACCESS_SECRET_KEY), else those of the pod's own role on
 * AWS, by EKS Pod Identity or by a token for a role (IRSA).
 *
 * @throws Error when there are none
 */
export async function keysOf(env: NodeJS.ProcessEnv): Promise<Keys> {
  const { ACCESS_KEY_ID: accessKeyId, ACCESS_SECRET_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  if (env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return podIdentity(env);
  if (env.AWS_ROLE_ARN && env.AWS_WEB_IDENTITY_TOKEN_FILE) return webIdentity(env);
  throw new Error(
    "There are no keys for the S3 server: set ACCESS_KEY_ID and ACCESS_SECRET_KEY, or give the pod a role of its own.",
  );
}

async function podIdentity(env: NodeJS.ProcessEnv): Promise<Keys> {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const authorization = file ? (await readFile(file, "utf8")).trim() : (env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? "");
  const answer = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI as string, {
    headers: { authorization },
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`The pod's role has no keys: HTTP ${answer.status} of the node's agent.`);
  const found = (await answer.json()) as Record<string, string>;
  return keys(found.AccessKeyId, found.SecretAccessKey, found.Token, found.Expiration);
}

async function webIdentity(env: NodeJS.ProcessEnv): Promise<Keys> {
  const token = await readFile(env.AWS_WEB_IDENTITY_TOKEN_FILE as string, "utf8");
  const region = env.AWS_REGION ?? "us-east-1";
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: env.AWS_ROLE_ARN as string,
    RoleSessionName: "devflow-backups",
    WebIdentityToken: token.trim(),
  });
  const url = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com`;
  const answer = await fetch(url, { method: "POST", body: form, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`AWS gives the pod no keys for ${env.AWS_ROLE_ARN}: HTTP ${answer.status}`);
  const found = elements(text, "Credentials")[0] ?? {};
  return keys(found.AccessKeyId, found.SecretAccessKey, found.SessionToken, found.Expiration);
}

function keys(id: string | undefined, secret: string | undefined, token?: string, until?: string): Keys {
  if (!id || !secret) throw new Error("The pod's role answered without keys.");
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token && { sessionToken: token }),
    ...(until && { expires: Date.parse(until) }),
  };
}
