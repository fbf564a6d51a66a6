import type { Input } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { DevflowError } from "../../error.ts";
import { surroundings } from "../../surroundings.ts";
import { imageOf, imageReference } from "../image.ts";

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
    ...{ reference: byDigest(surroundings("kubernetes").images.services), user, group: user, data, writable: [] },
    path: (file) => (file === undefined ? root : `${root}/${file}`),
  };
}

/** Full name of the image of a program that an operator runs. */
export function operandImage(name: string): string {
  return byDigest(imageReference(name));
}

/** @throws DevflowError CONFIG_INVALID for a tag alone, where the stack takes images by digest only */
function byDigest(reference: string): string {
  if (reference.includes("@sha256:") || !surroundings("kubernetes").images.byDigest) return reference;
  throw new DevflowError(
    "CONFIG_INVALID",
    `${reference} is named by a tag, under which another image may be tomorrow.`,
    {
      hint: "Run `./devflow images lock`, which writes down the digests of all images, and give images.glue with its digest (name:tag@sha256:…). images.byDigest=false takes tags.",
      docs: "pulumi",
    },
  );
}

function catalogueImage(name: string): PodImage {
  const { user, group, ...image } = imageOf(name);
  if (user !== undefined) return { ...image, reference: byDigest(image.reference), user, group: group ?? user };
  throw new DevflowError("UNSUPPORTED", `The image of ${upstream(name).title} works for root only.`, {
    hint: "Restricted pod security lets no container run as root. Leave the component out, or run it in a stack of another kind.",
  });
}
