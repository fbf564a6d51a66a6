import { existsSync, globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { boundsOf, connectionsOf as shareOf } from "../../glue-services/kit/database/budget.ts";
import { declared } from "../../installer/declared/declared.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { connectionsOf } from "../../stacks/config/connections.ts";
import { sizeNames } from "../../stacks/config/schema/kubernetes.ts";
import { profileNames, type Settings } from "../../stacks/config/schema.ts";
import { sizes } from "../../stacks/sizes.ts";
import { type Manifest, manifestsOf } from "./saas/manifests.ts";

const services = fileURLToPath(new URL("../../glue-services/", import.meta.url));
/** Services with a schema of their own in the database. */
const stored = globSync("*/migrations", { cwd: services }).filter((folder) => {
  return !folder.startsWith("kit/") && existsSync(`${services}${folder}`);
}).length;

it("the least that a host of the services works with is the figure that stacks reckon with", () => {
  expect(boundsOf(stored).least).toBe(connectionsOf.host);
});

/** A whole number that stands at the first group of a pattern in what is rendered. */
function told(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  expect(found, String(pattern)).toBeDefined();
  return Number(found);
}

/** What everybody who has a limit of their own may take at most, from what they are given. */
function taken(text: string, manifests: Manifest[], server: number): number {
  const pooler = manifests.find(({ kind }) => kind === "Pooler");
  const gitea = pooler
    ? pooler.spec.instances * Number(pooler.spec.pgbouncer.parameters.default_pool_size)
    : told(text, /MAX_OPEN_CONNS = (\d+)/);
  const hosts = told(text, /DATABASE_HOSTS(?:=|","value":")(\d+)/);
  const others = told(text, /DATABASE_OTHERS(?:=|","value":")(\d+)/);
  const limits = [...text.matchAll(/"connections":(\d+)/g)].reduce((sum, [, each]) => sum + Number(each), 0);
  // Five for whoever looks after the server by hand, or backs it up.
  expect(gitea + limits + 5).toBeLessThanOrEqual(others);
  const { connections, tooMuch } = shareOf({ accepts: server, keeps: connectionsOf.superusers }, stored, {
    hosts,
    others,
  });
  expect(tooMuch).toBeUndefined();
  return hosts * connections + others + connectionsOf.superusers;
}

async function evaluated(settings: Settings): Promise<{ text: string; manifests: Manifest[] }> {
  const evaluation = await declared(settings);
  expect(evaluation.errors).toEqual([]);
  const text = JSON.stringify(evaluation.goals.map(({ inputs }) => inputs)).replaceAll("\\n", "\n");
  return { text, manifests: manifestsOf(evaluation) };
}

const more = ["components.errors=true", "components.observability=true"];

describe("connections to PostgreSQL add up, at the busiest and in the middle of an update", () => {
  it.each(
    (["saas", "dedicated"] as const).flatMap((kind) =>
      sizeNames.flatMap((size) => [false, true].map((ha) => ({ kind, size, ha }))),
    ),
  )("in a $kind stack of size $size with ha=$ha", async ({ kind, size, ha }) => {
    const set = [...more, `kubernetes.size=${size}`, `kubernetes.ha=${ha}`];
    const { text, manifests } = await evaluated(exampleSettings(kind, set));
    const { maxConnections } = sizes[size].sizing.postgres;
    expect(taken(text, manifests, maxConnections)).toBeLessThanOrEqual(maxConnections);
    const scaler = manifests.find(({ kind, metadata }) => {
      return kind === "HorizontalPodAutoscaler" && metadata.name === "platform";
    });
    const surge = manifests.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "platform")?.spec
      .strategy.rollingUpdate.maxSurge;
    expect(told(text, /DATABASE_HOSTS(?:=|","value":")(\d+)/)).toBe(scaler?.spec.maxReplicas + surge);
  });

  it.each(profileNames)("on an appliance of profile %s", async (profile) => {
    const settings = exampleSettings("onprem", [`profile=${profile}`]);
    const { text } = await evaluated(settings);
    const { maxConnections } = settings.sizing.postgres;
    if (settings.components.code) expect(taken(text, [], maxConnections)).toBeLessThanOrEqual(maxConnections);
    else expect(told(text, /DATABASE_HOSTS=(\d+)/)).toBe(1);
  });
});

it("one busy process of the services is not yet a reason for as many as there may be", async () => {
  const { manifests } = await evaluated(exampleSettings("saas", ["kubernetes.size=small", "kubernetes.ha=false"]));
  const [container] =
    manifests.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "platform")?.spec.template.spec
      .containers ?? [];
  const { spec } = manifests.find(({ kind }) => kind === "HorizontalPodAutoscaler") as Manifest;
  const percent = spec.metrics[0].resource.target.averageUtilization;
  const target = (Number.parseInt(container.resources.requests.cpu, 10) * percent) / 100;
  expect(target).toBeGreaterThanOrEqual(300);
  expect(target).toBeLessThan(Number.parseInt(container.resources.limits.cpu, 10));
});
