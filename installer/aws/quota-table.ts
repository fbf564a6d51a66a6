import { sizeNames } from "../../stacks/config/schema/kubernetes.ts";
import { declared } from "../declared/declared.ts";
import { exampleSettings } from "../pulumi/examples.ts";
import { quotas } from "./quotas.ts";

/** A table of docs/dedicated.md: what each size with `ha` takes of what AWS limits, from what its program declares. */
export async function quotaTable(): Promise<string> {
  const made = await Promise.all(
    sizeNames.map(async (size) => {
      const all = ["search", "graph", "errors"].map((name) => `components.${name}=true`);
      const { goals } = await declared(exampleSettings("dedicated", [`kubernetes.size=${size}`, ...all]));
      return goals;
    }),
  );
  const rows = quotas.map(({ what, service, code, usual, needs }) =>
    [what, ...made.map((goals) => String(needs(goals))), String(usual), `\`${service} ${code}\``].join(" | "),
  );
  const head = ["quota", ...sizeNames.map((size) => `\`${size}\`, \`ha\``), "a new account", "code"];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows.map((row) => `| ${row} |`)].join("\n");
}
