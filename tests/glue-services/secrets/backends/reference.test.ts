import { expect, test } from "vitest";
import { referencePattern } from "../../../../glue-services/kit/declare/reference.ts";
import { formatReference, parseReference } from "../../../../glue-services/secrets/backends/index.ts";
import { seeded } from "../../../seeded.ts";

const accepted = new RegExp(referencePattern);
const random = seeded(38);
const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
const pieces = [
  "a",
  "Z",
  "7",
  "-",
  "_",
  ".",
  " ",
  "%20",
  "%41",
  "%5f",
  "&",
  "%26",
  "%",
  "%zz",
  "é",
  "%C3%A9",
  "/",
  "?",
  "#",
];
const ends = ["", "", "", "?attribute=otp", "?ATTR=OTP", "?attribute=title", "?", "?attribute=otp&x=1", "\n"];

function generated(): string {
  const usual = pieces.slice(0, random() < 0.6 ? 10 : pieces.length);
  const part = () =>
    Array.from({ length: Math.floor(random() * 5) + (random() < 0.95 ? 1 : 0) }, () => pick(usual)).join("");
  const scheme = pick(["op://", "op://", "OP://", "Op://", "op:/", "env:", "sk-"]);
  const parts = Array.from({ length: scheme === "env:" ? 1 : pick([2, 3, 3, 4, 4, 5]) }, part);
  return `${scheme}${parts.join("/")}${pick(ends)}`;
}

function parsed(text: string) {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

test("the configuration accepts a reference if and only if the secrets service can read it, of 20,000 generated ones", () => {
  let good = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const text = generated();
    const reference = parsed(text);
    expect(accepted.test(text), JSON.stringify(text)).toBe(reference !== undefined);
    if (reference?.scheme !== "op") continue;
    good += 1;
    // Written in the one way that 1Password's programs read, it means the same.
    const written = formatReference(reference);
    expect(written).toMatch(/^op:\/\/[A-Za-z0-9 _./-]+(\?attribute=otp)?$/);
    expect(parsed(written)).toEqual(reference);
  }
  expect(good).toBeGreaterThan(2000);
});

test("a name that 1Password cannot have in a reference is refused with what to write in its place", () => {
  expect(() => parseReference("op://R&D/item/field")).toThrow(
    expect.objectContaining({ reason: "malformed", hint: expect.stringContaining("Write the id") }),
  );
});
