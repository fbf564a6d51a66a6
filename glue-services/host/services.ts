import type { Service } from "../kit/index.ts";
import type { Environment } from "./environment.ts";

/** Every glue service, loaded only when it is mounted. */
const services = {
  platform: async (env: Environment) => (await import("../platform/app.ts")).platform(platformOptions(env)),
} satisfies Record<string, (env: Environment) => Promise<Service>>;

export const serviceNames = Object.keys(services);

/** @throws Error when SERVICES names one that does not exist. */
export async function loadServices(env: Environment): Promise<Service[]> {
  const wanted = env.SERVICES === "all" ? serviceNames : env.SERVICES.split(",").map((name) => name.trim());
  return Promise.all(
    wanted.map((name) => {
      const load = services[name as keyof typeof services];
      if (!load) throw new Error(`SERVICES names ${name}, but there are only ${serviceNames.join(", ")}.`);
      return load(env);
    }),
  );
}

function platformOptions(env: Environment) {
  return {
    version: env.DEVFLOW_VERSION,
    publicUrl: env.PUBLIC_URL,
    supervisor: env.DEVFLOW_SUPERVISOR_SOCKET,
    runs: env.DEVFLOW_RUNS,
    docs: env.DOCS_DIR,
    addresses: JSON.parse(env.DEVFLOW_ADDRESSES ?? "{}") as Record<string, string>,
  };
}
