import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { iconOf } from "../../glue-services/dashboard/web/src/parts/icon-paths.ts";
import { declarations } from "../../glue-services/declared.ts";

const folder = new URL("../../glue-services/", import.meta.url);
const twice = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) !== at);

test("each service is declared in the folder of its name, and no name is taken twice", () => {
  for (const { name } of declarations) expect(readdirSync(new URL(`${name}/`, folder))).toContain("service.ts");
  expect(twice(declarations.flatMap(({ scopes }) => Object.keys(scopes)))).toEqual([]);
  expect(twice(declarations.flatMap(({ settings }) => Object.keys(settings)))).toEqual([]);
  expect(twice(declarations.flatMap(({ pages = [] }) => pages.map(({ path }) => path)))).toEqual([]);
  expect(twice(declarations.flatMap(({ commands = [] }) => commands.map(({ name }) => name)))).toEqual([]);
});

test("each page that is declared has its file, an icon that there is, and a scope that is declared", () => {
  const scopes = declarations.flatMap((one) => Object.keys(one.scopes));
  for (const { name, pages = [] } of declarations) {
    for (const { component, icon, scope } of pages) {
      expect(readdirSync(new URL(`${name}/web/`, folder))).toContain(`${component}.page.tsx`);
      expect([icon, iconOf(icon)]).toEqual([icon, icon]);
      if (scope !== undefined) expect(scopes).toContain(scope);
    }
  }
});
