import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * The providers' SDKs by the target that needs them. Each takes long to load and an install for `local` leaves them out,
 * so a recipe asks for its own when it is called, never at import. The two large ones are loaded folder by folder: their
 * index loads every service of AWS and every group of Kubernetes.
 */
export const sdk = {
  docker: () => require("@pulumi/docker") as typeof import("@pulumi/docker"),
  dockerBuild: () => require("@pulumi/docker-build") as typeof import("@pulumi/docker-build"),
  kubernetes: () => kubernetes,
  aws: () => aws,
};

/** `eks.Cluster` is in the folder `eks`. */
const aws = lazily<typeof import("@pulumi/aws")>("@pulumi/aws", (service) => load(`@pulumi/aws/${service}`));

/** `core.v1.Pod` is in the folder `core/v1`; `apiextensions.CustomResource` in that of its group. */
const kubernetes = lazily<typeof import("@pulumi/kubernetes")>("@pulumi/kubernetes", (group) =>
  lazily(`@pulumi/kubernetes/${group}`, (version) => load(`@pulumi/kubernetes/${group}/${version}`)),
);

/**
 * A module whose members are loaded when they are asked for.
 *
 * @param folder loads the folder of a member; undefined where there is none
 */
function lazily<Module extends object>(path: string, folder: (name: string) => unknown): Module {
  const known = new Map<string | symbol, unknown>();
  return new Proxy({} as Module, {
    get(_, name) {
      if (!known.has(name)) known.set(name, memberOf(String(name)));
      return known.get(name);
    },
  });

  function memberOf(name: string): unknown {
    // Folders begin with a small letter, as functions do, which have a file of their own: getZoneOutput is in getZone.
    if (/^get[A-Z]/.test(name)) return from(load(`${path}/${name.replace(/Output$/, "")}`), name);
    if (name === "Provider") return from(load(`${path}/provider`), name);
    return (/^[a-z]/.test(name) && folder(name)) || from(require(path), name);
  }
}

function from(module: unknown, name: string): unknown {
  return (module as Record<string, unknown> | undefined)?.[name];
}

/** undefined for what is not there. */
function load(path: string): unknown {
  try {
    return require(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
