import { openRegistries } from "./look-up.ts";
import { parseReference } from "./reference.ts";
import { type Manifest, type Registry, RegistryError } from "./registry.ts";

interface Place {
  registry: Registry;
  repository: string;
}

interface Descriptor {
  digest: string;
  size: number;
  platform?: { os?: string; architecture?: string };
}

/** Parts of a manifest that name others, of either kind. */
interface Content {
  manifests?: Descriptor[];
  config?: Descriptor;
  layers?: (Descriptor & { urls?: string[] })[];
}

/**
 * Copies an image with all its platforms from one registry to another, by digest, so that what arrives is what was locked.
 * What is there already is not copied again; a copy that was cut off goes on where it was.
 *
 * @param to full name with tag
 * @throws RegistryError
 */
export async function copyImage(
  from: { name: string; reference: string },
  to: string,
  env: NodeJS.ProcessEnv,
): Promise<{ digest: string; bytes: number }> {
  await using registries = openRegistries(env);
  const place = (name: string): Place => {
    const { registry, repository } = parseReference(name);
    return { registry: registries.of(registry), repository };
  };
  const [source, target] = [place(from.name), place(to)];
  const { tag } = parseReference(to);
  let bytes = 0;
  const manifest = await source.registry.manifest(source.repository, from.reference);
  await copyContent(manifest);
  await target.registry.putManifest(target.repository, tag ?? manifest.digest, manifest);
  return { digest: manifest.digest, bytes };

  /** Whatever a manifest names first: a registry refuses one whose parts it does not have. */
  async function copyContent({ body }: Manifest): Promise<void> {
    const { manifests = [], config, layers = [] } = JSON.parse(body.toString()) as Content;
    for (const { digest } of manifests) {
      const inner = await source.registry.manifest(source.repository, digest);
      await copyContent(inner);
      await target.registry.putManifest(target.repository, digest, inner);
    }
    for (const blob of [...(config ? [config] : []), ...layers.filter(({ urls }) => !urls)]) await copyBlob(blob);
  }

  async function copyBlob({ digest, size }: Descriptor): Promise<void> {
    if (await target.registry.hasBlob(target.repository, digest)) return;
    const body = await source.registry.blob(source.repository, digest);
    await target.registry.putBlob(target.repository, digest, size, body);
    bytes += size;
  }
}

export { RegistryError };
