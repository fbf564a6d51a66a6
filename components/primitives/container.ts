import { type ComponentResource, type Output, output } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { sdk } from "../sdk.ts";
import { surroundings } from "../surroundings.ts";
import { type ContainerImage, imageOf } from "./image.ts";

/** An image that is on the engine by the time its name is known. */
export interface PresentImage extends Omit<ContainerImage, "reference"> {
  /** Its id on the engine: another image of the same name is another id. */
  id: Output<string>;
  /** Node and the builds of the dashboard, in the glue services' image. */
  node?: string;
  web?: string;
}

/** Brings a program's image to the engine. It stays when the stack goes: others may use it, and coming back is quick. */
export function containerImage(name: string, upstream: string, parent: ComponentResource): PresentImage {
  const { RemoteImage } = sdk.docker();
  const { provider } = surroundings("docker");
  const image = imageOf(upstream);
  const { imageId } = child(RemoteImage, name, { name: image.reference, keepLocally: true }, parent, undefined, {
    ...(provider && { provider }),
  });
  return { ...image, id: imageId };
}

/** The glue services' image, which the stack's program has brought. Its folders are those of images/glue/Dockerfile. */
export function glueImage(): PresentImage {
  return {
    id: output(surroundings("docker").glue),
    path: (file) => (file === undefined ? "/app" : `/app/${file}`),
    data: "/data",
    user: 65532,
    group: 65532,
    writable: [],
    probe: ["/usr/local/bin/node", "/app/images/glue/health.ts", "{url}"],
    node: "/usr/local/bin/node",
    web: "/app/dashboard",
  };
}

/** Labels of a container that its engine writes beside each line of its output. */
export const dockerLogLabels = ["dev.devflow.stack", "dev.devflow.component", "dev.devflow.workload"];

/** Labels by which everything of a stack, and of a component, is found. */
export function labelsOf(stack: string, component: string): Record<string, string> {
  return { "dev.devflow.stack": stack, "dev.devflow.component": component };
}

/** The same as the provider of Docker wants them. */
export function labelled(labels: Record<string, string>): { label: string; value: string }[] {
  return Object.entries(labels).map(([label, value]) => ({ label, value }));
}
