import { expect, test } from "vitest";
import { features, products } from "../../../../glue-services/dashboard/web/src/features.ts";
import { initials } from "../../../../glue-services/dashboard/web/src/parts/initials.ts";

test("the initials of a name are whole letters, whatever else is in it", () => {
  const expected = {
    "Ada Lovelace": "AL",
    ada: "A",
    "Jürgen von Müller <script>": "JM",
    "Zoe 🦊": "Z",
    "👩‍🚀 Ada": "A",
    "  ": "?",
    "李 小龍": "李小",
    "Åsa  Öberg": "ÅÖ",
    "e\u0301mile": "E\u0301",
    "123 go": "1G",
  };
  for (const [name, letters] of Object.entries(expected))
    expect({ name, letters: initials(name) }).toEqual({ name, letters });
});

test("no two pages of a product share an icon", () => {
  for (const { id } of products) {
    const icons = features.filter(({ product }) => product === id).map(({ icon }) => icon);
    expect({ id, icons: [...new Set(icons)] }).toEqual({ id, icons });
  }
});
