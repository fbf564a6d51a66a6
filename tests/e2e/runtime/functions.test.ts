import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bring, freePort, type Running, start } from "./programs.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const legacy = Buffer.from("a legacy secret of at least thirty-two characters");
const publicJwk = publicKey.export({ format: "jwk" });
const jwks = {
  keys: [
    { ...publicJwk, kid: "one", alg: "ES256", use: "sig", key_ops: ["verify"] },
    { kty: "oct", k: legacy.toString("base64url"), alg: "HS256" },
  ],
};
const soon = () => Math.floor(Date.now() / 1000) + 60;
let folder: string;
let url: string;
let deno: Running;

beforeAll(async () => {
  const program = await bring("deno");
  folder = await mkdtemp(join(tmpdir(), "devflow-functions-"));
  await mkdir(join(folder, "functions/hello"), { recursive: true });
  await writeFile(join(folder, "functions/hello/index.ts"), "Deno.serve(() => new Response());");
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}`;
  const edge = fileURLToPath(new URL("edge.ts", import.meta.url));
  deno = await start(program, ["run", "--no-lock", "--allow-net", "--allow-env", "--allow-read", edge], url, {
    PATH: process.env.PATH,
    DENO_SERVE_ADDRESS: `tcp:${address}`,
    DENO_DIR: join(folder, ".deno"),
    DENO_NO_UPDATE_CHECK: "1",
    FUNCTIONS_FOLDER: join(folder, "functions"),
    JWT_SECRET: "nobody-s-business",
    SUPABASE_JWKS: JSON.stringify(jwks),
    SUPABASE_URL: "http://gateway",
  });
});

afterAll(async () => {
  await deno?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the service before people's functions, by Deno", () => {
  it("a token of either of the runtime's keys opens a function", async () => {
    for (const token of [es256({ exp: soon() }), hs256({ exp: soon() }), es256({})]) {
      const { status, body } = await ask("/hello/there", token);
      expect([status, body.servicePath]).toEqual([200, join(folder, "functions/hello")]);
    }
  });

  it("tells whoever looks after it that it answers, without a token", async () => {
    const { status, body } = await ask("/_internal/health", undefined);
    expect([status, body.message]).toEqual([200, "ok"]);
  });

  it("its body arrives, and what could sign tokens does not", async () => {
    const { body } = await ask("/hello", es256({ exp: soon() }));
    expect(body.body).toBe("a question");
    expect(body.env).toMatchObject({ SUPABASE_URL: "http://gateway" });
    expect(Object.keys(body.env)).not.toContain("JWT_SECRET");
    expect(Object.keys(body.env)).not.toContain("SUPABASE_JWKS");
  });

  it("no token, a wrong one, an expired one or one of another key opens nothing", async () => {
    const publicAsSecret = createHmacToken(Buffer.from(JSON.stringify(publicJwk)), { exp: soon() });
    const refused = [
      undefined,
      "nonsense",
      es256({ exp: Math.floor(Date.now() / 1000) - 1 }),
      es256({ exp: soon() }, stranger.privateKey),
      es256({ exp: soon() }, privateKey, "two"),
      `${encode({ alg: "none" })}.${encode({ exp: soon() })}.`,
      publicAsSecret,
    ];
    for (const token of refused) expect((await ask("/hello", token)).status).toBe(401);
  });

  it("a path names a function of the folder and nothing else", async () => {
    const token = es256({ exp: soon() });
    for (const path of ["/", "/..%2f..%2fetc", "/.hidden", "/a%00b"]) {
      expect([path, (await ask(path, token)).status]).toEqual([path, 400]);
    }
    const missing = await ask("/never-deployed", token);
    expect([missing.status, missing.body.message]).toEqual([404, expect.stringContaining("entrypoint")]);
  });

  it("a browser may ask before it calls, without a token", async () => {
    expect((await fetch(`${url}/hello`, { method: "OPTIONS" })).status).toBe(200);
  });
});

async function ask(path: string, token: string | undefined) {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: "a question",
  });
  const body = (await answer.json()) as {
    servicePath: string;
    env: Record<string, string>;
    body: string;
    message: string;
  };
  return { status: answer.status, body };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function es256(claims: object, key: KeyObject = privateKey, kid = "one"): string {
  const head = `${encode({ alg: "ES256", kid })}.${encode(claims)}`;
  return `${head}.${sign("sha256", Buffer.from(head), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function hs256(claims: object): string {
  return createHmacToken(legacy, claims);
}

function createHmacToken(secret: Buffer, claims: object): string {
  const head = `${encode({ alg: "HS256" })}.${encode(claims)}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}
