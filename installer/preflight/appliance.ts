import { upstreams } from "../../components/catalogue/index.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { declared } from "../declared/declared.ts";

/** What an appliance of these settings takes, as its own program declares it. */
export interface Appliance {
  /** MiB that its containers may take together, and each by name. */
  memory: number;
  limits: Record<string, number>;
  /** Seconds that each container may take to end, by name. */
  stops: Record<string, number>;
  /** MiB of images, unpacked, and of fresh data. */
  disk: number;
  /** Ports that it publishes. */
  ports: { component: string; port: number }[];
}

/** Several checks ask at once, and evaluating a program takes a while. */
const known = new WeakMap<Settings, Promise<Appliance>>();

export function applianceOf(settings: Settings): Promise<Appliance> {
  const found = known.get(settings) ?? evaluate(settings);
  known.set(settings, found);
  return found;
}

/** MiB of the glue services' image. */
const glueImage = 350;

async function evaluate(settings: Settings): Promise<Appliance> {
  const { goals, errors } = await declared(settings);
  if (errors.length > 0) throw errors[0];
  const of = (type: string) => goals.filter((goal) => goal.type === type);
  const containers = of("docker:index/container:Container");
  const limits = Object.fromEntries(containers.map(({ name, inputs }) => [name, Number(inputs.memory)]));
  const names = of("docker:index/remoteImage:RemoteImage").map(({ inputs }) => String(inputs.name));
  const used = upstreams().filter(
    ({ image }) =>
      !("none" in image) && names.some((name) => name.includes(`${baseName(image.registries[0])}:${image.tag}`)),
  );
  return {
    memory: Object.values(limits).reduce((sum, each) => sum + each, 0),
    limits,
    stops: Object.fromEntries(containers.map(({ name, inputs }) => [name, Number(inputs.stopTimeout)])),
    // An image has its program and a small system around it.
    disk: used.reduce((sum, { disk }) => sum + disk.program + disk.data + 100, glueImage),
    ports: containers.flatMap(({ name, inputs }) =>
      ((inputs.ports ?? []) as { external: number }[]).map(({ external }) => ({ component: name, port: external })),
    ),
  };
}

function baseName(repository = ""): string {
  return repository.split("/").slice(1).join("/");
}
