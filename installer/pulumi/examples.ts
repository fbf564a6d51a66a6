import { readFileSync } from "node:fs";
import { stackPaths } from "../../components/provider/paths.ts";
import { parseAnswers, resolveSettings, type Settings } from "../../stacks/config/index.ts";
import { stackFile } from "./stack-file.ts";

/** Kinds with an answers file in configs/examples, and a stack file of Pulumi made from it in the checkout's root. */
export const exampleKinds = ["onprem", "saas", "dedicated"] as const;

/** Settings of an example's answers file. */
export function exampleSettings(kind: (typeof exampleKinds)[number], set: string[] = []): Settings {
  const file = `configs/examples/${kind}.yaml`;
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  return resolveSettings({ answers: parseAnswers(text, file), set, user: "ada", cwd: "/" }).settings;
}

/** Text of `Pulumi.<kind>.yaml`. */
export function exampleStackFile(kind: (typeof exampleKinds)[number]): string {
  const schema = "# yaml-language-server: $schema=configs/pulumi-stack.schema.json\n";
  const head = `# Made from configs/examples/${kind}.yaml by \`npm run generate\`.\n`;
  const own = `# Yours: \`./devflow config pulumi --answers devflow.yaml > Pulumi.<stack>.yaml\`.\n`;
  return `${schema}${head}${own}${stackFile(exampleSettings(kind), stackPaths("/", kind))}`;
}
