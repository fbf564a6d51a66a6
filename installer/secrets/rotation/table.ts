import { recipes } from "./recipe.ts";

/** The recipes as a table of docs/secrets.md. */
export function rotationTable(): string {
  const rows = recipes.map((recipe) => {
    const names = recipe.secrets.map((name) => `\`${name}\``).join(", ");
    if ("refused" in recipe) return `| ${names} | not rotated | ${recipe.refused} ${recipe.instead} | |`;
    return `| ${names} | ${recipe.overlap} | ${recipe.how} | ${recipe.interruption} |`;
  });
  return ["| secret | overlap | how | interruption |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
