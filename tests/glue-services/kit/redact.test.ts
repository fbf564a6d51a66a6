import { describe, expect, test } from "vitest";
import { redact, redactText } from "../../../glue-services/kit/redact.ts";
import { seeded } from "../../seeded.ts";

const planted = "pl4nted-S3cret.value_0123456789abcdefghijkl";

describe("what a log line has cut out of it", () => {
  test.each([
    ...[
      "authorization",
      "x-api-key",
      "private-token",
      "PRIVATE-TOKEN",
      "dsn",
      "authToken",
      "sessionToken",
      "accessKey",
    ],
    ...[
      "secretAccessKey",
      "passwd",
      "pwd",
      "x-gitea-token",
      "set-cookie",
      "apiKey",
      "clientSecret",
      "key",
      "db_password",
    ],
    ...["connection_string", "x-auth-token", "signingKey", "credentials", "userPassword"],
  ])("is the value of a field named %s, wherever it stands", (name) => {
    expect(JSON.stringify(redact({ a: [{ [name]: planted }], [name]: { in: planted } }))).not.toContain(planted);
  });

  test.each(["tokenUrl", "inputTokens", "keyboard", "monkey", "secretary", "public_key_id", "passwordless", "path"])(
    "is not the value of a field named %s",
    (name) => {
      expect(redact({ [name]: "plain" })).toEqual({ [name]: "plain" });
    },
  );

  test("is whatever looks like a secret, in any text around it, and nothing of that text", () => {
    const shapes: ((secret: string) => string)[] = [
      (secret) => `postgres://platform:${secret}@db:5432/platform`,
      (secret) => `https://user:${secret}@example.com/path`,
      (secret) => `redis://:${secret}@cache`,
      (secret) => `Bearer ${secret}`,
      (secret) => `authorization: bearer dfk_${secret}`,
      (secret) => `dfv_${secret}`,
      (secret) => `sk-${secret}`,
      (secret) => `ghp_${secret}`,
      (secret) => `glpat-${secret}`,
    ];
    const next = seeded(20_261_130);
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const pick = (from: string, count: number) =>
      Array.from({ length: count }, () => from[Math.floor(next() * from.length)]).join("");
    for (let at = 0; at < 10_000; at++) {
      const secret = pick(letters, 24);
      const shape = shapes[at % shapes.length] as (secret: string) => string;
      const [before, after] = [pick("abc xyz\n\"'(", 1 + (at % 20)), pick('abc xyz\n")', at % 20)];
      const text = `${before} ${shape(secret)} ${after}`;
      const found = redactText(text);
      expect(found, text).not.toContain(secret);
      expect(found.startsWith(before) && found.endsWith(after), text).toBe(true);
      expect(redact({ deep: [{ message: text }] }).deep[0]?.message).toBe(found);
    }
  });

  test("is nothing of ordinary texts, and a hostile text is no work", () => {
    for (const plain of [
      "GET /api/ai/keys answered 200 in 3 ms",
      "https://example.com:8443/path?x=1#y and mail to ada@example.com",
      "Basic settings were read; the bearer of news is here",
      "a task-list of risk-free items, sk-short",
    ]) {
      expect(redactText(plain)).toBe(plain);
    }
    for (const part of ["a://", "://:", "bearer ", "eyJ", "dfk_", "sk-", "-----BEGIN "]) {
      expect(redactText(part.repeat(20_000)).length).toBeGreaterThan(0);
    }
  });
});

test("a list that is nested too deep shows nothing of what is in it", () => {
  let value: unknown = [{ password: "hunter2" }];
  for (let level = 0; level < 12; level++) value = [value];
  expect(JSON.stringify(redact(value))).not.toContain("hunter2");
});

test("no text of a client keeps the redaction busy for long, however many secrets seem to begin in it", () => {
  const units = [
    "-eyJaaaaaaaaaa",
    ".eyJaaaaaaaaaaa.",
    "a://b:",
    "://",
    "x://y:zzz ",
    "-----BEGIN A",
    "bearer -",
    "dfk_",
    "ops_eyJ",
    "sk-",
  ];
  // What grew with the square of its length would take hours.
  for (const unit of units) expect(redactText(unit.repeat(1_000_000 / unit.length)).length).toBeGreaterThan(0);
});
