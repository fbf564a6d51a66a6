import { declarations } from "../../glue-services/declared.ts";
import { demanded } from "../../glue-services/kit/declare/index.ts";

/** Every service as a Markdown table: what it is for, what it takes, and its settings. */
export function serviceTable(): string {
  return table(
    ["service", "does", "group", "MiB", "needs", "takes where it is there", "section of `devflow.yaml`"],
    declarations.map(({ name, description, group, memory, needs, settings }) => {
      const all = Object.keys(needs);
      const must = demanded(needs);
      return [
        `\`${name}\``,
        description,
        group,
        String(memory),
        code(must),
        code(all.filter((need) => !must.includes(need))),
        code(Object.keys(settings)),
      ];
    }),
  );
}

/** Every scope, with what it lets somebody do. */
export function scopeTable(): string {
  return table(
    ["scope", "lets", "of"],
    declarations.flatMap(({ title, scopes }) =>
      Object.entries(scopes).map(([scope, lets]) => [`\`${scope}\``, lets, title]),
    ),
  );
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
