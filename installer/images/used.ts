import { upstreams } from "../../components/catalogue/index.ts";
import { DevflowError } from "../../components/error.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { declared } from "../declared/declared.ts";
import { parseReference, repositoryName } from "./reference.ts";

/** An image that a stack runs. */
export interface UsedImage {
  /** Name without registry's fallbacks: `docker.io/library/caddy:2.11.7`. */
  name: string;
  /** Programs of the catalogue that it is of; empty for one that only the settings name. */
  programs: string[];
  /** Names without tag, in order of preference; the same image on each. */
  registries: string[];
  tag: string;
  /** As the catalogue, the lock or the settings have it. */
  digest: string | undefined;
  /** MiB to download, where known. */
  size: number | undefined;
}

/**
 * Every image that the stack of these settings runs, as its program declares them; the glue services' only where a built
 * one is named.
 */
export async function usedImages(settings: Settings): Promise<UsedImage[]> {
  if (settings.stack.kind === "local") {
    throw new DevflowError("UNSUPPORTED", "A stack of kind local runs no containers, so it has no images.", {
      hint: "Look at another kind: `./devflow images list --set stack.kind=onprem`",
    });
  }
  // By the names of the public registries: a mirror has the same images under others.
  const { registry: _, ...images } = settings.images;
  // Also those that have no digest yet, which the lock is made for.
  const { goals, errors } = await declared({ ...settings, images: { ...images, byDigest: false } });
  if (errors.length > 0) throw errors[0];
  // What is built here is looked up on the engine under the name it was given; no registry has it.
  const built = goals.filter(({ type }) => type === "docker-build:index:Image").flatMap(({ inputs }) => inputs.tags);
  const declaredNames = goals.filter(({ custom }) => custom).flatMap(({ inputs }) => imagesIn(inputs));
  const names = new Set(declaredNames.filter((name) => !built.includes(name)));
  const known = new Map(upstreams().flatMap((program) => entriesOf(program)));
  return [...names]
    .map((name) => used(name, known))
    .filter((image, index, all) => all.findIndex((other) => other.name === image.name) === index)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

type Program = ReturnType<typeof upstreams>[number];

/** By each of its names. */
function entriesOf(program: Program): [string, Program[]][] {
  const { image } = program;
  if ("none" in image) return [];
  const same = upstreams().filter(
    (other) =>
      !("none" in other.image) && other.image.tag === image.tag && other.image.registries[0] === image.registries[0],
  );
  return image.registries.map((registry) => [`${registry}:${image.tag}`, same]);
}

function used(name: string, known: Map<string, Program[]>): UsedImage {
  const reference = parseReference(name);
  const { tag = "latest", digest } = reference;
  const programs = known.get(`${repositoryName(reference)}:${tag}`) ?? [];
  const image = programs[0]?.image;
  const its = image && !("none" in image) ? image : undefined;
  return {
    name: `${its?.registries[0] ?? repositoryName(reference)}:${tag}`,
    programs: programs.map(({ name: program }) => program),
    registries: its?.registries ?? [repositoryName(reference)],
    tag,
    digest,
    size: its?.size,
  };
}

/** What resources of any engine call an image; one by its id on an engine is told by the resource that brought it. */
function imagesIn(value: unknown, key = ""): string[] {
  if (typeof value === "string") {
    const isName =
      ["image", "imageName", "name"].includes(key) &&
      /^[a-z0-9.-]+(:\d+)?\/[^\s]+:[\w.-]+(@sha256:[0-9a-f]{64})?$/.test(value);
    return isName ? [value] : [];
  }
  if (Array.isArray(value)) return value.flatMap((each) => imagesIn(each, key));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([inner, each]) => imagesIn(each, inner));
}
