import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { credentialsFor } from "./credentials.ts";
import { registryUrl } from "./reference.ts";

/** What a registry has under a name. */
export interface Manifest {
  digest: string;
  mediaType: string;
  body: Buffer;
}

/** A registry by its HTTP API (OCI distribution), with tokens as it asks for them. */
export interface Registry extends AsyncDisposable {
  /** Digest under a tag or digest; undefined when there is none. @throws RegistryError when it cannot be asked */
  digestOf(repository: string, reference: string): Promise<string | undefined>;
  manifest(repository: string, reference: string): Promise<Manifest>;
  hasBlob(repository: string, digest: string): Promise<boolean>;
  blob(repository: string, digest: string): Promise<Readable>;
  putBlob(repository: string, digest: string, size: number, body: Readable | Buffer): Promise<void>;
  putManifest(repository: string, reference: string, manifest: Manifest): Promise<void>;
}

/** A registry that could not be asked, or refused. */
export class RegistryError extends Error {
  readonly status: number | undefined;
  constructor(registry: string, what: string, options: { status?: number; cause?: unknown } = {}) {
    super(`${registry} ${what}`, { cause: options.cause });
    this.name = "RegistryError";
    this.status = options.status;
  }
}

/** All the kinds of manifest that there are: of one platform, and lists of these. */
const kinds = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

type Options = Omit<Dispatcher.RequestOptions, "origin" | "path" | "method"> & { method?: Dispatcher.HttpMethod };

export function openRegistry(name: string, env: NodeJS.ProcessEnv = process.env): Registry {
  const origin = registryUrl(name);
  /** By scope, as long as this is open: a command takes less time than a token is valid. */
  const authorizations = new Map<string, string>();
  let client: Promise<{ request: typeof import("undici").request; agent: Dispatcher }> | undefined;

  return {
    async digestOf(repository, reference) {
      const path = `/v2/${repository}/manifests/${reference}`;
      const answer = await send(repository, "pull", path, { method: "HEAD", headers: { accept: kinds } });
      await answer.body.dump();
      if (answer.statusCode === 404) return undefined;
      accept(answer, 200, `has no answer for ${repository}:${reference}`);
      return header(answer, "docker-content-digest") ?? (await this.manifest(repository, reference)).digest;
    },
    async manifest(repository, reference) {
      const answer = await send(repository, "pull", `/v2/${repository}/manifests/${reference}`, {
        headers: { accept: kinds },
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      accept(answer, 200, `has no ${repository}:${reference}`);
      const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
      const said = reference.startsWith("sha256:") ? reference : header(answer, "docker-content-digest");
      if (said !== undefined && said !== digest)
        throw new RegistryError(name, `gave other bytes for ${repository} than ${said}`);
      return { digest, mediaType: header(answer, "content-type") ?? "", body };
    },
    async hasBlob(repository, digest) {
      const answer = await send(repository, "pull", `/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
      await answer.body.dump();
      return answer.statusCode >= 200 && answer.statusCode < 400;
    },
    async blob(repository, digest) {
      const answer = await send(repository, "pull", `/v2/${repository}/blobs/${digest}`);
      const location = header(answer, "location");
      if (answer.statusCode < 300 || !location) {
        accept(answer, 200, `has no layer ${digest} of ${repository}`);
        return answer.body;
      }
      await answer.body.dump();
      // Where layers are kept is another server's, which must not get the registry's token.
      const { request, agent } = await connection();
      const elsewhere = await request(new URL(location, origin), { dispatcher: agent });
      accept(elsewhere, 200, `sends for ${digest} to a server that does not have it`);
      return elsewhere.body;
    },
    async putBlob(repository, digest, size, body) {
      const begun = await send(repository, "pull,push", `/v2/${repository}/blobs/uploads/`, { method: "POST" });
      await begun.body.dump();
      accept(begun, 202, `takes nothing for ${repository}`);
      const at = new URL(header(begun, "location") ?? "", origin);
      at.searchParams.set("digest", digest);
      const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
      const answer = await send(repository, "pull,push", `${at.pathname}${at.search}`, {
        method: "PUT",
        headers,
        body,
      });
      await answer.body.dump();
      accept(answer, 201, `did not take layer ${digest} of ${repository}`);
    },
    async putManifest(repository, reference, { mediaType, body }) {
      const path = `/v2/${repository}/manifests/${reference}`;
      const answer = await send(repository, "pull,push", path, {
        method: "PUT",
        headers: { "content-type": mediaType },
        body,
      });
      await answer.body.dump();
      accept(answer, 201, `did not take ${repository}:${reference}`);
    },
    async [Symbol.asyncDispose]() {
      await (await client?.catch(() => undefined))?.agent.close();
    },
  };

  function connection() {
    client ??= (async () => {
      const [{ EnvHttpProxyAgent, request }, { trustSystemAuthorities }] = await Promise.all([
        import("undici"),
        import("../artifacts/authorities.ts"),
      ]);
      trustSystemAuthorities();
      return { request, agent: new EnvHttpProxyAgent({ connect: { timeout: 15_000 }, headersTimeout: 60_000 }) };
    })();
    return client;
  }

  /** Asks, and once more with what the registry wants to see when it says so. */
  async function send(repository: string, actions: string, path: string, options: Options = {}) {
    const scope = `repository:${repository}:${actions}`;
    const first = await attempt(path, options, authorizations.get(scope));
    const challenge = header(first, "www-authenticate");
    if (first.statusCode !== 401 || !challenge) return first;
    await first.body.dump();
    const authorization = await authorize(challenge, scope);
    authorizations.set(scope, authorization);
    const second = await attempt(path, options, authorization);
    if (second.statusCode !== 401) return second;
    await second.body.dump();
    throw new RegistryError(
      name,
      `lets nobody ${actions === "pull" ? "read" : "write"} ${repository} without signing in: docker login ${name}`,
      { status: 401 },
    );
  }

  async function attempt(path: string, options: Options, authorization: string | undefined) {
    const { request, agent } = await connection();
    const headers = {
      "user-agent": "devflow",
      ...(options.headers as Record<string, string>),
      ...(authorization && { authorization }),
    };
    try {
      return await request(`${origin}${path}`, { ...options, headers, dispatcher: agent });
    } catch (cause) {
      throw new RegistryError(name, `cannot be reached: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }

  async function authorize(challenge: string, scope: string): Promise<string> {
    const basic = await credentialsFor(name, env);
    if (/^basic\b/i.test(challenge)) {
      if (basic) return `Basic ${basic}`;
      throw new RegistryError(name, `wants a name and a password: docker login ${name}`, { status: 401 });
    }
    const given = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const url = new URL(given.realm ?? "", origin);
    if (given.service) url.searchParams.set("service", given.service);
    url.searchParams.set("scope", scope);
    const { request, agent } = await connection();
    const answer = await request(url, { dispatcher: agent, headers: basic ? { authorization: `Basic ${basic}` } : {} });
    const text = await answer.body.text();
    if (answer.statusCode !== 200)
      throw new RegistryError(name, `gives no token: HTTP ${answer.statusCode}`, { status: answer.statusCode });
    const { token, access_token } = JSON.parse(text) as { token?: string; access_token?: string };
    return `Bearer ${token ?? access_token}`;
  }

  function accept({ statusCode }: Dispatcher.ResponseData, wanted: number, what: string): void {
    if (statusCode !== wanted) throw new RegistryError(name, `${what} (HTTP ${statusCode})`, { status: statusCode });
  }
}

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
