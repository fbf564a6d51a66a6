import { Type } from "typebox";
import { expect, test } from "vitest";
import { readJson } from "../../../glue-services/kit/index.ts";

const Refusal = Type.Object({ error: Type.Object({ message: Type.String() }) });

test("what another program answers is read where it is as it should be, and is nothing where it is not", () => {
  expect(readJson(Refusal, '{"error":{"message":"No.","more":1}}')?.error.message).toBe("No.");
  const wrong = [
    "",
    "{",
    "null",
    "[]",
    "1",
    '"x"',
    "{}",
    '{"error":null}',
    '{"error":"No."}',
    '{"error":{"message":1}}',
  ];
  for (const text of [...wrong, '{"error":[{"message":"No."}]}', "<html>", `${"[".repeat(100_000)}`]) {
    expect([text.slice(0, 40), readJson(Refusal, text)]).toEqual([text.slice(0, 40), undefined]);
  }
});
