import { expect, test } from "vitest";
import { scopeGroups, scopeWords } from "../../../../glue-services/dashboard/web/src/pages/keys/scopes.ts";
import { declarations } from "../../../../glue-services/declared.ts";
import { everyService } from "../../isolation/every-service.ts";

/** As `/api/identity/scopes` answers what the services declare. */
const known = declarations.flatMap(({ title, scopes }) =>
  Object.entries(scopes).map(([name, lets]) => ({ name, resource: "", action: "", lets, service: title })),
);

test("the list of scopes for a new key has every scope that a route asks for, in words, and no other", async () => {
  const { routes } = await everyService();
  const asked = routes.flatMap(({ service, auth }) =>
    service !== "notes" && auth !== "public" && auth.scope ? [auth.scope] : [],
  );
  const listed = scopeGroups(known)
    .flatMap(({ scopes }) => scopes.map(({ name }) => name))
    .filter((scope) => !scope.includes("*"));
  const missing = [...new Set(asked)].filter((scope) => !listed.includes(scope) || scopeWords(known, scope) === scope);
  expect(missing).toEqual([]);
  // Tools for agents ask for these, and no route does.
  const ofTools = ["code:read", "code:write"];
  expect(listed.filter((scope) => !asked.includes(scope) && !ofTools.includes(scope))).toEqual([]);
});
