import { describe, expect, test } from "vitest";
import { errorOf } from "../../../../glue-services/ai-gateway/wire/error-text.ts";

const shapes: [string, unknown, string][] = [
  ["OpenAI", { error: { message: "no such thing", type: "x", param: "top_p", code: "bad" } }, "no such thing"],
  ["a text as error", { error: "no such thing" }, "no such thing"],
  ["Anthropic", { type: "error", error: { type: "invalid_request_error", message: "no such thing" } }, "no such thing"],
  ["FastAPI's text", { detail: "no such thing" }, "no such thing"],
  [
    "FastAPI's list",
    {
      detail: [
        { loc: ["body", "top_p"], msg: "too large", type: "x" },
        { loc: ["body", "n"], msg: "too small" },
      ],
    },
    "body.top_p: too large; body.n: too small",
  ],
  [
    "Mistral",
    { object: "error", message: { detail: [{ loc: ["body", "messages"], msg: "Field required" }] }, code: 1 },
    "body.messages: Field required",
  ],
  ["Google's list", [{ error: { code: 400, message: "no such thing", status: "INVALID_ARGUMENT" } }], "no such thing"],
  ["Bedrock", { Message: "no such thing" }, "no such thing"],
  ["Bedrock in small letters", { message: "no such thing" }, "no such thing"],
  ["an error within an error", { error: { error: { message: "no such thing" } } }, "no such thing"],
  ["JSON within a text", { error: { message: '{"error":{"message":"no such thing"}}' } }, "no such thing"],
  [
    "OpenRouter",
    { error: { message: "Provider returned error", code: 400, metadata: { raw: '{"error":{"message":"too long"}}' } } },
    "Provider returned error (too long)",
  ],
  ["a list of errors", { errors: [{ message: "one" }, { message: "two" }] }, "one; two"],
  ["OAuth", { error_description: "no such thing" }, "no such thing"],
  ["an error that is null beside a text", { error: null, message: "no such thing" }, "no such thing"],
  ["a plain text", "upstream connect error", "upstream connect error"],
  [
    "a page",
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>p{}</style></head><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>",
    "502 Bad Gateway. nginx",
  ],
];

describe("errors of servers", () => {
  test.each(shapes)("of the shape of %s give their text", (_name, body, text) => {
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    expect(errorOf(bytes).message).toBe(text);
    expect(errorOf(Buffer.concat([Buffer.from("\ufeff"), bytes])).message).toBe(text);
  });

  test("give their code and parameter where these are names", () => {
    expect(errorOf(JSON.stringify(shapes[0]?.[1]))).toMatchObject({ code: "bad", param: "top_p" });
    expect(errorOf('{"error":{"message":"m","code":400,"param":null}}')).toMatchObject({
      code: undefined,
      param: undefined,
    });
  });

  test("without a text, or longer than anybody reads, are none or cut", () => {
    for (const body of ["", "{}", "[]", '{"error":{}}', '{"error":[]}'])
      expect(errorOf(body).message, body).toBeUndefined();
    expect(errorOf("x".repeat(100_000)).message?.length).toBeLessThan(2100);
    expect(errorOf(`${'{"error":'.repeat(500)}"deep"${"}".repeat(500)}`).message ?? "").not.toContain("[object");
  });
});
