import { expect, test } from "vitest";
import { slugOf } from "../../../glue-services/identity/slug.ts";
import { seeded } from "../../seeded.ts";

test.each([
  ["Müller & Söhne", "mueller-soehne"],
  ["Müller & Söhne", "mueller-soehne"],
  ["Straße 7", "strasse-7"],
  ["Société Générale", "societe-generale"],
  ["Łódź Ørsted", "lodz-orsted"],
  ["O’Reilly's", "oreillys"],
  ["ＡＢＣ　Ｌｔｄ", "abc-ltd"],
  ["İstanbul", "istanbul"],
  ["株式会社", "organisation"],
  ["  --  ", "organisation"],
  ["Example Ltd", "example-ltd"],
])("the slug of %s is %s", (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

test("every name of any characters has a slug of letters, digits and single dashes, and a slug keeps itself", () => {
  const random = seeded(7);
  for (let at = 0; at < 20_000; at++) {
    const length = 1 + Math.floor(random() * 60);
    const name = Array.from({ length }, () => {
      const high = random() < 0.5 ? 0x180 : random() < 0.8 ? 0x3000 : 0x11_0000;
      const point = Math.floor(random() * high);
      return String.fromCodePoint(point >= 0xd800 && point < 0xe000 ? 0x41 : point);
    }).join("");
    const slug = slugOf(name);
    expect(slug).toMatch(/^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(slugOf(slug)).toBe(slug);
  }
});
