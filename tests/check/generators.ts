import { supportMatrix } from "../../components/support.ts";
import { quotaTable } from "../../installer/aws/quota-table.ts";
import { generateCommandDocs } from "../../installer/commands/docs.ts";
import { exampleKinds, exampleStackFile } from "../../installer/pulumi/examples.ts";
import { rotationTable } from "../../installer/secrets/rotation/table.ts";
import { generateConfigurationPage, generateSchema } from "../../stacks/config/generate.ts";
import { outputTable } from "../../stacks/outputs.ts";
import { projectConfig, stackFileSchema } from "../../stacks/pulumi-project.ts";
import { sizeTable } from "../../stacks/size-table.ts";
import { translationTables } from "../glue-services/ai-gateway/translate/matrix.ts";
import { serviceIndex } from "./service-index.ts";
import { scopeTable, serviceTable } from "./service-tables.ts";
import { specificationIndex } from "./specifications.ts";

/** Generated files and how each is made from what stands there now. */
export const generators: Record<string, (now: string) => string | Promise<string>> = {
  "glue-services/declared.ts": serviceIndex,
  "configs/devflow.schema.json": generateSchema,
  "configs/pulumi-stack.schema.json": stackFileSchema,
  "Pulumi.yaml": projectConfig,
  "docs/pulumi.md": (now) => between(now, "outputs", outputTable()),
  "docs/configuration.md": generateConfigurationPage,
  ...Object.fromEntries(Object.entries(await generateCommandDocs()).map(([file, text]) => [file, () => text])),
  ...Object.fromEntries(exampleKinds.map((kind) => [`Pulumi.${kind}.yaml`, () => exampleStackFile(kind)])),
  "docs/people-and-roles.md": (now) => between(now, "scopes", scopeTable()),
  "docs/development/glue-service.md": (now) => between(now, "services", serviceTable()),
  "docs/secrets.md": (now) => between(now, "rotation", rotationTable()),
  "docs/dedicated.md": async (now) => between(now, "quotas", await quotaTable()),
  "docs/kubernetes.md": (now) => between(now, "sizes", sizeTable()),
  "docs/ai-gateway.md": (now) => between(now, "translation", `\n${translationTables()}\n`),
  "docs/prds/README.md": (now) => between(now, "pages", specificationIndex()),
  "README.md": (now) => between(now, "support matrix", supportMatrix()),
};

/** Replaces what stands between two comments that name it. */
export function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
  const [before, rest = ""] = text.split(begin);
  return `${before}${begin}\n${content}\n${end}${rest.split(end)[1] ?? ""}`;
}
