import { stringify } from "yaml";
import { targets } from "../components/component.ts";
import { Settings } from "./config/schema.ts";

/**
 * `config:` of Pulumi.yaml: what `pulumi config` shows and checks. Of the schema of settings Pulumi can express that it is
 * an object; what is in it the program checks itself (checked.ts), and editors by configs/pulumi-stack.schema.json.
 */
export function projectConfig(now: string): string {
  const sections = Object.keys(Settings.properties).join(", ");
  const config = {
    "devflow:target": {
      type: "string",
      description: `Where components are made, by the kind of stack: ${targets.join(", ")}.`,
    },
    "devflow:settings": {
      type: "object",
      description: `Everything that the stack is made from: ${sections}. docs/configuration.md has each setting; unknown ones are refused with the nearest that there is.`,
    },
  };
  const [head = ""] = now.split(/^# What a stack's configuration holds/m);
  const about = "# What a stack's configuration holds; made from the schema of settings by `npm run generate`.\n";
  return `${head}${about}${stringify({ config }, { lineWidth: 0 })}`;
}

/** Text of configs/pulumi-stack.schema.json: what editors complete and check `Pulumi.<stack>.yaml` by. */
export function stackFileSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of a DevFlow stack for Pulumi",
    description: "Pulumi.<stack>.yaml, as `./devflow config pulumi` writes it.",
    type: "object",
    properties: {
      config: {
        type: "object",
        required: ["devflow:target", "devflow:settings"],
        properties: {
          "devflow:target": { enum: [...targets] },
          "devflow:settings": { $ref: "devflow.schema.json" },
          "devflow:images": {
            type: "object",
            description: "Digests of images, as `./devflow images lock` found them.",
          },
        },
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
