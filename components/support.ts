import { type Recipes, targets } from "./component.ts";
import { bucketRecipes } from "./primitives/bucket/index.ts";
import { credentialRecipes } from "./primitives/credential/index.ts";
import { databaseRecipes } from "./primitives/database/index.ts";
import { jobRecipes } from "./primitives/job/index.ts";
import { routeRecipes } from "./primitives/route/index.ts";
import { workloadRecipes } from "./primitives/workload/index.ts";

/** Every component whose making differs by target. */
export const recipeTables: Record<string, Recipes<never, unknown>> = {
  Workload: workloadRecipes,
  Job: jobRecipes,
  Database: databaseRecipes,
  Bucket: bucketRecipes,
  Route: routeRecipes,
  Credential: credentialRecipes,
};

/** What runs where, as a Markdown table with the reasons below it. */
export function supportMatrix(): string {
  const reasons: string[] = [];
  const rows = Object.entries(recipeTables).map(([name, recipes]) => {
    const cells = targets.map((target) => {
      const recipe = recipes[target];
      if (typeof recipe === "function") return "yes";
      if (!reasons.includes(recipe.unsupported)) reasons.push(recipe.unsupported);
      return `no (${reasons.indexOf(recipe.unsupported) + 1})`;
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  const head = `| primitive | ${targets.join(" | ")} |\n| --- |${" --- |".repeat(targets.length)}`;
  return `${head}\n${rows.join("\n")}\n\n${reasons.map((reason, index) => `(${index + 1}) ${reason}.`).join("\n")}`;
}
