import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import type { Resource } from "./rule.ts";
import { rules } from "./rules/index.ts";

/** The rules for Pulumi's own engine: `pulumi up --policy-pack policy`. The installer asks the same rules by itself. */
new PolicyPack("devflow", {
  policies: rules.flatMap(({ name, description, each, all }) => [
    ...(each
      ? [
          {
            name,
            description,
            enforcementLevel: "mandatory" as const,
            validateResource: (args: { type: string; name: string; urn: string; props: Props }, report: Report) => {
              const { type, name: own, urn, props } = args;
              for (const message of each({ type, name: own, urn, inputs: props })) report(message);
            },
          },
        ]
      : []),
    ...(all
      ? [
          {
            name: each ? `${name}-together` : name,
            description,
            enforcementLevel: "mandatory" as const,
            validateStack: ({ resources }: { resources: PolicyResource[] }, report: Report) => {
              for (const { message, urn } of all(resources.map(plain))) report(message, urn);
            },
          },
        ]
      : []),
  ]),
});

type Props = Record<string, unknown>;
type Report = (message: string, urn?: string) => void;

function plain({ type, name, urn, props, propertyDependencies }: PolicyResource): Resource {
  const on = Object.entries(propertyDependencies).map(([key, resources]) => [key, resources.map((one) => one.urn)]);
  return { type, name, urn, inputs: props, dependencies: Object.fromEntries(on) };
}
