import { Ajv } from "ajv";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import * as z from "zod";
import { Email } from "../../../glue-services/identity/schemas.ts";
import { wholeNumbers } from "../../seeded.ts";
import { firstAdministrator, invited, platform, strong, Visitor } from "./platform.ts";

const locals = [
  "ada",
  "o'neil",
  "r&d",
  "a+tag",
  "a.b",
  ".a",
  "a.",
  "a..b",
  "'",
  "a'",
  "-",
  "_",
  "a b",
  "",
  "ü",
  "a/b",
  "a%b",
  '"a b"',
  "A",
];
const domains = [
  "example.com",
  "EXAMPLE.com",
  "localhost",
  "10.0.0.7",
  "[10.0.0.7]",
  "münchen.de",
  "xn--mnchen-3ya.de",
  "a.b",
  "-a.com",
  "a-.com",
  "a..com",
  "example.c0m",
  "a.museum",
  "",
  "example.com.",
  "ex_ample.com",
];
const letters = [..."aZ0.-_+'&!@ ü\n\u0000"];

function made(seed: number, count: number): string[] {
  const below = wholeNumbers(seed);
  const pick = (from: readonly string[]) => from[below(from.length)] as string;
  const random = () => Array.from({ length: below(12) }, () => pick(letters)).join("");
  return Array.from({ length: count }, () => {
    const local = below(3) === 0 ? random() : pick(locals);
    const domain = below(4) === 0 ? `${random()}.com` : pick(domains);
    return below(50) === 0 ? `${local}${domain}` : `${local}${below(40) === 0 ? "a".repeat(250) : ""}@${domain}`;
  });
}

test("an address is taken by the interface, the web form and signing in, or by none of them", () => {
  const byInterface = new Ajv({ strict: false }).compile(Email);
  const wrong = made(1, 10_000).filter((text) => {
    const signsIn = z.email().safeParse(text).success && text.length <= 254;
    return [byInterface(text), Value.Check(Email, text)].some((taken) => taken !== signsIn);
  });
  expect(wrong).toEqual([]);
});

test("whoever is invited can sign in by the same address, and an address that could not is refused at once", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  for (const email of ["o'neil@example.com", "a+tag@Example.com", "x_y-z@xn--mnchen-3ya.de"]) {
    await invited(on, ada, email, ["viewer"]);
    const back = new Visitor(on.app);
    expect((await back.send("POST", "/api/auth/sign-in/email", { email, password: strong })).statusCode).toBe(200);
  }
  for (const email of ["r&d@example.com", "ada@10.0.0.7", "ada@localhost", "ada@münchen.de"]) {
    const asked = await ada.send("POST", "/api/identity/invitations", { email, roles: ["viewer"] });
    expect([asked.statusCode, asked.json().error.message]).toEqual([
      400,
      expect.stringContaining("such as ada@example.com"),
    ]);
    const body = { token: "x".repeat(43), name: "R", email, password: strong, organisation: "R" };
    expect((await new Visitor(on.app).send("POST", "/api/identity/welcome", body)).statusCode).toBe(400);
  }
});
