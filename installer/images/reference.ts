import { DevflowError } from "../../components/error.ts";

/** The full name of an image, taken apart. */
export interface Reference {
  /** `host` or `host:port`, as people write it: `docker.io`. */
  registry: string;
  /** Path in the registry. */
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

/**
 * Takes a name apart as Docker does: without a registry it is Docker Hub's, without a path there one of its library.
 *
 * @throws DevflowError USAGE for what is no name of an image
 */
export function parseReference(name: string): Reference {
  const match =
    /^(?<path>[a-z0-9][a-z0-9._\-/:]*?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(name);
  const { path, tag, digest } = match?.groups ?? {};
  if (path === undefined) {
    throw new DevflowError("USAGE", `${name} is no name of an image.`, {
      hint: "Write it as registry.example.com/name:tag.",
    });
  }
  const [host = "", ...rest] = path.split("/");
  const named = rest.length > 0 && (host.includes(".") || host.includes(":") || host === "localhost");
  const registry = named ? host : "docker.io";
  const inside = named ? rest.join("/") : path;
  const repository = registry === "docker.io" && !inside.includes("/") ? `library/${inside}` : inside;
  return { registry, repository, tag, digest };
}

/** The same without tag and digest, as the catalogue has it. */
export function repositoryName({ registry, repository }: Reference): string {
  return `${registry}/${repository}`;
}

/** Address of a registry's API. Plain HTTP is for this machine only, as Docker has it. */
export function registryUrl(registry: string): string {
  if (registry === "docker.io") return "https://registry-1.docker.io";
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
  return `${local ? "http" : "https"}://${registry}`;
}
