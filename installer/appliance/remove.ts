import type { OnEngine } from "../../components/provider/docker/leftovers.ts";
import type { OpenStack } from "../stack.ts";

/** Removes what Pulumi leaves of an appliance on purpose, its volumes, and what else carries its label. */
export async function removeAppliance({ settings, name }: Pick<OpenStack, "settings" | "name">): Promise<OnEngine> {
  const [{ dockerEngine }, { removeStack }] = await Promise.all([
    import("../../components/provider/docker/engine.ts"),
    import("../../components/provider/docker/leftovers.ts"),
  ]);
  await using engine = dockerEngine(settings.docker.host);
  return await removeStack(engine, `devflow-${name}`);
}
