import { Type } from "typebox";
import { expect, test } from "vitest";
import { build } from "../build.ts";

const Body = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 10 }),
    token: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" })),
    slug: Type.Optional(Type.String({ pattern: "^[a-z]+$", description: "Small letters only, such as openai." })),
    email: Type.Optional(Type.String({ format: "email" })),
    count: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
    rows: Type.Optional(Type.Array(Type.Object({ model: Type.String({ minLength: 3 }) }), { maxItems: 2 })),
    kind: Type.Optional(Type.Enum(["a", "b"])),
  },
  { additionalProperties: false },
);

const refused: [body: unknown, message: string][] = [
  [{}, "name is missing."],
  [{ name: "" }, "name is empty."],
  [{ name: "x".repeat(11) }, "name may have at most 10 characters."],
  [{ name: "x", token: "short" }, "token has characters or a form that are not allowed here."],
  [{ name: "x", slug: "A1" }, "slug is not valid. Small letters only, such as openai."],
  [{ name: "x", email: "nobody" }, "email is not an e-mail address."],
  [{ name: "x", count: -1 }, "count must be 0 or more."],
  [{ name: "x", count: 99 }, "count must be 9 or less."],
  [{ name: "x", count: 1.5 }, "count must be a whole number."],
  [{ name: "x", rows: [{ model: "abc" }, { model: "a" }] }, "rows[1].model needs at least 3 characters."],
  [{ name: "x", rows: [{}] }, "rows[0].model is missing."],
  [{ name: "x", rows: [{ model: "abc" }, { model: "abc" }, { model: "abc" }] }, "rows may have at most 2 entries."],
  [{ name: "x", kind: "c" }, "kind must be one of a, b."],
  [[1], "The body must be an object."],
];

test("a body that a schema refuses is answered by a sentence about its field, never by a pattern", async () => {
  const { app } = await withRoute();
  for (const [body, message] of refused) {
    const answer = await app.inject({ method: "POST", url: "/api/shapes/body", payload: body as object });
    expect([answer.statusCode, answer.json().error.code, answer.json().error.message]).toEqual([
      400,
      "INVALID",
      message,
    ]);
  }
});

test("a query that a schema refuses is answered by a sentence about its field", async () => {
  const { app } = await withRoute();
  const answer = await app.inject({ url: "/api/shapes/query?limit=1000" });
  expect(answer.json().error.message).toBe("limit must be 200 or less.");
});

function withRoute() {
  return build([
    {
      name: "shapes",
      register(app) {
        app.post("/api/shapes/body", { auth: "public", schema: { body: Body } }, async () => ({}));
        const querystring = Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 200 })) });
        app.get("/api/shapes/query", { auth: "public", schema: { querystring } }, async () => ({}));
      },
    },
  ]);
}
