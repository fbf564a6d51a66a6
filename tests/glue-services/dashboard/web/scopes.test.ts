import { expect, test } from "vitest";
import { scopeGroups, scopeWords } from "../../../../glue-services/dashboard/web/src/pages/keys/scopes.ts";
import { everyService } from "../../isolation/every-service.ts";

test("the list of scopes for a new key has every scope that a route asks for, in words, and no other", async () => {
  const { routes } = await everyService();
  const asked = routes.flatMap(({ service, auth }) =>
    service !== "notes" && auth !== "public" && auth.scope ? [auth.scope] : [],
  );
  const listed = scopeGroups.flatMap(({ scopes }) => Object.keys(scopes)).filter((scope) => !scope.includes("*"));
  const missing = [...new Set(asked)].filter((scope) => !listed.includes(scope) || scopeWords(scope) === scope);
  expect(missing).toEqual([]);
  // Tools for agents ask for these, and no route does.
  const ofTools = ["code:read", "code:write"];
  expect(listed.filter((scope) => !asked.includes(scope) && !ofTools.includes(scope))).toEqual([]);
});
