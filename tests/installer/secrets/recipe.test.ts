import { expect, test } from "vitest";
import { recipeOf, recipes } from "../../../installer/secrets/rotation/recipe.ts";

test("a database's recipe speaks of that one only, and the superuser has its own", () => {
  expect(recipeOf("postgres/gitea")).toMatchObject({ secrets: ["postgres/gitea"], overlap: "logins" });
  expect(recipeOf("postgres/superuser")).toMatchObject({ overlap: "instant" });
  expect(recipeOf("storage/secret-key")).toMatchObject({ secrets: ["storage/access-key", "storage/secret-key"] });
  expect(recipeOf("nothing/at-all")).toBeUndefined();
});

test("what cannot be rotated says what would be lost and what to do instead", () => {
  for (const recipe of recipes.filter((one) => "refused" in one)) {
    expect(`${recipe.secrets}: ${recipe.refused}`).toMatch(/encrypt/);
    expect(recipe.instead.length).toBeGreaterThan(20);
  }
  expect(recipeOf("code/secret-key")).toHaveProperty("refused");
});

test("what cannot be rotated without loss says why, and what to do instead", () => {
  const refused = recipes.filter((recipe) => "refused" in recipe);
  expect(refused.flatMap(({ secrets }) => secrets)).toEqual(["code/secret-key"]);
  for (const recipe of refused)
    expect(recipe).toMatchObject({ refused: expect.any(String), instead: expect.any(String) });
});
