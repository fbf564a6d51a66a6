import { AwsClient } from "aws4fetch";
import { isAzure, isOldAzure } from "../providers/base.ts";
import type { Outgoing } from "../providers/exchange.ts";
import type { Provider } from "../providers/provider.ts";
import type { Shape } from "../wire/shape.ts";

/** Puts a request's address and the provider's key together. */
export function outgoingOf(
  provider: Provider,
  { path, body, headers }: Pick<Shape, "path" | "body" | "headers">,
  model: string,
  key: string | undefined,
): Outgoing | Promise<Outgoing> {
  const full = addressOf(provider, path, model);
  if (provider.kind === "bedrock" && key?.includes(":")) return signed(provider, full, body, headers, key);
  return { path: full, body, headers: { ...headers, ...credential(provider, key) } };
}

/** Azure's older API has the model, which it calls a deployment, and a version in the address. */
function addressOf({ base }: Provider, path: string, model: string): string {
  const root = base.pathname === "/" ? "" : base.pathname;
  if (!isOldAzure(base)) return `${root}${path}${base.search}`;
  const deployments = root.endsWith("/openai") ? root : `${root}/openai`;
  return `${deployments}/deployments/${encodeURIComponent(model)}${path}${base.search}`;
}

function credential({ kind, base }: Provider, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  if (kind === "anthropic") return { "x-api-key": key };
  if (isAzure(base)) return { "api-key": key };
  return { authorization: `Bearer ${key}` };
}

/** AWS signature, version 4. The key is `id:secret` or `id:secret:session`; without a colon it is one of Bedrock's own. */
async function signed(
  { base }: Provider,
  path: string,
  body: string | Buffer,
  headers: Record<string, string>,
  key: string,
): Promise<Outgoing> {
  const [accessKeyId = "", secretAccessKey = "", ...session] = key.split(":");
  const region = /bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(base.hostname)?.[1] ?? "us-east-1";
  const sessionToken = session.join(":");
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    region,
    service: "bedrock",
  });
  const request = await client.sign(`${base.origin}${path}`, {
    method: "POST",
    headers,
    body: new Uint8Array(Buffer.from(body)),
  });
  return { path: new URL(request.url).pathname, body, headers: Object.fromEntries(request.headers) };
}
