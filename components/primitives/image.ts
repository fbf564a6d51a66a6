import { Config } from "@pulumi/pulumi";
import { upstream } from "../catalogue/index.ts";
import { DevflowError } from "../error.ts";

/** A program of the catalogue as a container image, for the targets that run containers. */
export interface ContainerImage {
  /** Registry, name, tag, and the digest where it is known. */
  reference: string;
  /** Path in the image of what the artifact has at `file`. */
  path(file?: string): string;
  /** Folder of its data. */
  data: string;
  /** Undefined: it needs root. */
  user: number | undefined;
  group: number | undefined;
  /** Folders that must be writable besides its data. */
  writable: string[];
  /** Program in it that asks `{url}`. */
  probe: string[] | undefined;
}

/** What `devflow images lock` found, by the image's name and tag: `docker.io/library/caddy:2.11.7`. */
export type ImageLock = Record<string, { registry: string; digest: string }>;

/**
 * The image of a program. A registry of one's own (`images.registry`) wins; else the one that the lock found to have it;
 * else the catalogue's first.
 *
 * @throws DevflowError UNSUPPORTED for a program that has none, or none that says where it keeps its files
 */
export function imageOf(name: string): ContainerImage {
  const { image } = upstream(name);
  if ("none" in image) throw missing(name, image.none);
  const { paths = {}, data = "/data", user, group, writable = [], probe } = image;
  return { reference: imageReference(name), path, data, user, group: group ?? user, writable, probe };

  function path(file?: string): string {
    if (file === undefined) return "/";
    // The longest folder that is said wins; a path that is said is taken as it is.
    const known = Object.keys(paths)
      .filter((key) => key === file || file.startsWith(`${key}/`))
      .sort((one, other) => other.length - one.length)[0];
    if (known === undefined) throw missing(name, `the catalogue does not say where it keeps ${file}`);
    return `${paths[known]}${file.slice(known.length)}`;
  }
}

/** Full name of a program's image, as an engine pulls it. */
export function imageReference(name: string): string {
  const { image } = upstream(name);
  if ("none" in image) throw missing(name, image.none);
  const { registries, tag, digest } = image;
  const config = new Config("devflow");
  const [first = ""] = registries;
  const locked = config.getObject<ImageLock>("images")?.[`${first}:${tag}`];
  const own = config.getObject<{ images?: { registry?: string } }>("settings")?.images?.registry;
  const pinned = locked?.digest ?? (typeof digest === "string" ? digest : undefined);
  const repository = own ? mirrored(own, first) : (locked?.registry ?? first);
  return `${repository}:${tag}${pinned ? `@${pinned}` : ""}`;
}

/** Where a registry of one's own keeps an image: below its address, under the name without the public registry's. */
export function mirrored(registry: string, repository: string): string {
  const [host = "", ...path] = repository.split("/");
  const isHost = host.includes(".") || host.includes(":") || host === "localhost";
  return `${registry.replace(/\/+$/, "")}/${isHost ? path.join("/") : repository}`;
}

function missing(name: string, why: string): DevflowError {
  return new DevflowError("UNSUPPORTED", `${name} cannot run in a container: ${why}.`, {
    hint: "Leave the component out, or run it in a stack of kind local.",
  });
}
