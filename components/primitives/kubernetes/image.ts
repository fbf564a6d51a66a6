import type { Input } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { DevflowError } from "../../error.ts";
import { surroundings } from "../../surroundings.ts";
import { imageOf } from "../image.ts";

/** An image as a pod runs it. */
export interface PodImage {
  reference: Input<string>;
  user: number;
  group: number;
  /** Folder of its data, and the others that it must be able to write to. */
  data: string;
  writable: string[];
  /** Absolute path of what the program's folder has on one machine. */
  path(file?: string): string;
}

/** Where the image of the glue services has things; images/glue/Dockerfile puts them there. */
export const services = {
  root: "/app",
  node: "/usr/local/bin/node",
  web: "/app/dashboard",
  data: "/data",
  user: 65532,
};

/**
 * The image of a program of the catalogue, or of the glue services of this checkout.
 * @throws DevflowError UNSUPPORTED for a program without an image, or with one that works for root only
 */
export function podImage(program: { upstream: string } | { service: string }): PodImage {
  if ("upstream" in program) return catalogueImage(program.upstream);
  const { root, data, user } = services;
  return {
    ...{ reference: surroundings("kubernetes").images.services, user, group: user, data, writable: [] },
    path: (file) => (file === undefined ? root : `${root}/${file}`),
  };
}

function catalogueImage(name: string): PodImage {
  const { user, group, ...image } = imageOf(name);
  if (user !== undefined) return { ...image, user, group: group ?? user };
  throw new DevflowError("UNSUPPORTED", `The image of ${upstream(name).title} works for root only.`, {
    hint: "Restricted pod security lets no container run as root. Leave the component out, or run it in a stack of another kind.",
  });
}
