import { platformFile } from "../../secrets/platform-file.ts";
import type { Diagnosis, Rule } from "../diagnosis.ts";

/** Providers of models whose key is a name that nobody has set for the platform; an organisation may have its own. */
export const modelKeys: Rule = {
  id: "model-keys",
  async run({ settings, paths }) {
    const wanted = settings.models.providers.flatMap(({ name, key }) =>
      key?.startsWith("env:") ? [{ provider: name, secret: key.slice(4) }] : [],
    );
    if (wanted.length === 0) return [];
    const set = await platformFile(paths.platformSecrets).read();
    return wanted.filter(({ secret }) => !set.has(secret)).map(missing);
  },
};

function missing({ provider, secret }: { provider: string; secret: string }): Diagnosis {
  return {
    id: "model-keys",
    severity: "warning",
    title: `the provider of models ${provider} has no key`,
    detail: `models.providers names the secret ${secret}, which is not set for the platform. Calls fail unless an organisation has one of that name.`,
    evidence: [],
    fix: { command: `./devflow secrets set ${secret}`, safe: false },
  };
}
