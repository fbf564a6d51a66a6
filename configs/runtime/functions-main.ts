/**
 * The service that the edge runtime starts first: it looks at the caller's token and hands the request to the function
 * that the first part of the path names, in a worker of its own. It imports nothing, so that it starts without a network.
 */
interface Worker {
  fetch(request: Request): Promise<Response>;
}
declare const Deno: {
  env: { get(name: string): string | undefined; toObject(): Record<string, string> };
  serve(handler: (request: Request) => Promise<Response>): unknown;
};
declare const EdgeRuntime: { userWorkers: { create(options: object): Promise<Worker> } };

interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  [field: string]: unknown;
}

const folder = Deno.env.get("FUNCTIONS_FOLDER") ?? "/home/deno/functions";
const verifies = Deno.env.get("VERIFY_JWT") !== "false";
const keys: Jwk[] = JSON.parse(Deno.env.get("SUPABASE_JWKS") ?? '{"keys":[]}').keys;

/** What functions need not see: with it they could sign tokens for anybody. */
const withheld = ["JWT_SECRET", "SUPABASE_JWKS"];

Deno.serve(async (request) => {
  // No function can be called so: whoever asks looks whether this service answers.
  if (new URL(request.url).pathname === "/_internal/health") return answer(200, { message: "ok" });
  if (request.method !== "OPTIONS" && verifies && !(await isSigned(request.headers.get("authorization")))) {
    return answer(401, { code: "UNAUTHORIZED", message: "A valid token is needed in the header Authorization." });
  }
  const name = new URL(request.url).pathname.split("/")[1] ?? "";
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    return answer(400, { message: "The path must begin with the name of a function." });
  }
  try {
    const worker = await EdgeRuntime.userWorkers.create({
      servicePath: `${folder}/${name}`,
      memoryLimitMb: 150,
      workerTimeoutMs: 150_000,
      noModuleCache: false,
      importMapPath: null,
      envVars: Object.entries(Deno.env.toObject()).filter(([variable]) => !withheld.includes(variable)),
    });
    return await worker.fetch(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A folder that is not there is a function that was never deployed.
    const status = /not found|no such file|entrypoint/i.test(message) ? 404 : 500;
    return answer(status, { message });
  }
});

/** True for a token that one of our keys has signed and that has not expired. */
async function isSigned(header: string | null): Promise<boolean> {
  const [, head = "", body = "", signature = ""] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(header ?? "") ?? [];
  try {
    const { alg, kid } = JSON.parse(new TextDecoder().decode(bytes(head)));
    const claims = JSON.parse(new TextDecoder().decode(bytes(body)));
    if (typeof claims.exp === "number" && claims.exp * 1000 <= Date.now()) return false;
    // The key's own algorithm counts, never only what the token says of itself.
    const key = keys.find((one) => one.alg === alg && (alg === "HS256" || one.kid === kid));
    return key !== undefined && (await verify(key, bytes(signature), new TextEncoder().encode(`${head}.${body}`)));
  } catch {
    return false;
  }
}

async function verify(key: Jwk, signature: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { key_ops: _, use: __, ...plain } = key;
  const algorithm =
    key.kty === "EC" ? { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } : { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("jwk", plain as JsonWebKey, algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm, imported, signature, data);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function answer(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}
