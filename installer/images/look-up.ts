import { parseReference } from "./reference.ts";
import { openRegistry, type Registry, RegistryError } from "./registry.ts";
import type { UsedImage } from "./used.ts";

/** What a registry says of an image. */
export interface Answer {
  /** Name without tag. */
  registry: string;
  /** undefined when it does not have it or could not be asked. */
  digest: string | undefined;
  problem?: string;
}

/** Asks every registry of every image for its digest. */
export async function lookUp(images: UsedImage[], env: NodeJS.ProcessEnv): Promise<Map<string, Answer[]>> {
  await using registries = openRegistries(env);
  const answers = await Promise.all(
    images.map(async (image) => {
      const all = await Promise.all(image.registries.map((name) => ask(registries, name, image.tag)));
      return [image.name, all] as const;
    }),
  );
  return new Map(answers);
}

/** One connection a registry, however many images are asked for. */
export function openRegistries(env: NodeJS.ProcessEnv): AsyncDisposable & { of(name: string): Registry } {
  const open = new Map<string, Registry>();
  return {
    of(name) {
      const found = open.get(name) ?? openRegistry(name, env);
      open.set(name, found);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open.values()].map((registry) => registry[Symbol.asyncDispose]()));
    },
  };
}

async function ask(registries: { of(name: string): Registry }, name: string, tag: string): Promise<Answer> {
  const { registry, repository } = parseReference(name);
  try {
    const digest = await registries.of(registry).digestOf(repository, tag);
    return { registry: name, digest, ...(digest === undefined && { problem: `${registry} has no tag ${tag} of it` }) };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { registry: name, digest: undefined, problem: error.message };
  }
}
