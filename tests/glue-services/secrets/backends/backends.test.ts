import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import {
  envFile,
  envLine,
  onepasswordConnect,
  onepasswordOp,
  onepasswordSdk,
} from "../../../../glue-services/secrets/backends/index.ts";
import { connectServer } from "./connect-server.ts";
import { testBackend } from "./contract.ts";
import { opProgram } from "./op-program.ts";
import { holds, missing } from "./vault.ts";

const token = "a-token-that-nobody-may-see";

describe("the .env file", () => {
  const values = {
    "env:PLAIN": "simple",
    "env:HARD": 's3cret # with spaces, "quotes" = and ünïcode ',
    "env:LINES": "-----BEGIN KEY-----\nof many lines\n-----END KEY-----\n",
  };
  const file = async (mode = 0o600) => {
    const folder = await mkdtemp(join(tmpdir(), "devflow-env-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "platform.env");
    const lines = Object.entries(values).map(([name, value]) => envLine(name.slice(4), value));
    await writeFile(path, `# a comment\n${lines.join("")}TOKEN=${token}\n`);
    await chmod(path, mode);
    return path;
  };
  testBackend("env-file", {
    good: async () => envFile(await file()),
    holds: values,
    missing: ["env:OTHER"],
    denied: async () => ({ backend: envFile(await file(0o644)), credential: token }),
    unreachable: async () => envFile(join(tmpdir(), "devflow-no-such-folder", "platform.env")),
    reference: "env:PLAIN",
  });
});

describe("1Password Connect", () => {
  testBackend("1password-connect", {
    good: async () => onepasswordConnect({ url: (await connectServer(token)).url, token }),
    holds,
    missing,
    denied: async () => {
      const { url } = await connectServer("another");
      return { backend: onepasswordConnect({ url, token }), credential: token };
    },
    unreachable: async () => onepasswordConnect({ url: "http://127.0.0.1:9", token }),
    slow: async () =>
      onepasswordConnect({ url: (await connectServer(token, { answers: new Promise(() => {}) })).url, token }),
    reference: "op://Dev Flow/mail server/password",
  });
});

describe("the program op", () => {
  testBackend("1password-op", {
    good: async () => onepasswordOp({ program: await opProgram() }),
    holds,
    missing,
    denied: async () => ({
      backend: onepasswordOp({
        program: await opProgram({ signedIn: false }),
        env: { PATH: process.env.PATH, OP_SERVICE_ACCOUNT_TOKEN: token },
      }),
      credential: token,
    }),
    unreachable: async () => onepasswordOp({ program: "no-such-program-op" }),
    slow: async () => onepasswordOp({ program: await opProgram({ delay: 60_000 }) }),
    reference: "op://Dev Flow/mail server/password",
  });
});

describe("1Password's SDK, as far as it goes without 1Password", () => {
  testBackend("1password-sdk", {
    good: undefined,
    holds: {},
    missing: [],
    denied: async () => ({ backend: onepasswordSdk({ token: `ops_${token}` }), credential: token }),
    unreachable: undefined,
    reference: "op://Dev Flow/mail server/password",
  });
});
