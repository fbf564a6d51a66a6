import type { DockerEngine } from "./engine.ts";

/** What of a stack is on an engine, by name. */
export interface OnEngine {
  containers: string[];
  volumes: string[];
  networks: string[];
}

/** Everything that carries the stack's label, whoever made it. */
export async function ofStack(engine: DockerEngine, stack: string): Promise<OnEngine> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`dev.devflow.stack=${stack}`] }));
  const [containers, { Volumes: volumes }, networks] = await Promise.all([
    engine.call<{ Names: string[] }[]>("GET", `/containers/json?all=true&filters=${filters}`),
    engine.call<{ Volumes: { Name: string }[] | null }>("GET", `/volumes?filters=${filters}`),
    engine.call<{ Name: string }[]>("GET", `/networks?filters=${filters}`),
  ]);
  return {
    containers: containers.map(({ Names: [name = ""] }) => name.replace(/^\//, "")).sort(),
    volumes: (volumes ?? []).map(({ Name }) => Name).sort(),
    networks: networks.map(({ Name }) => Name).sort(),
  };
}

/** Removes all of it, data included. Fine when some of it is gone already. */
export async function removeStack(engine: DockerEngine, stack: string): Promise<OnEngine> {
  const found = await ofStack(engine, stack);
  const carriers = await carriersOf(engine, found.volumes);
  for (const name of [...found.containers, ...carriers]) await remove(engine, `/containers/${name}?force=true&v=true`);
  for (const name of found.volumes) await remove(engine, `/volumes/${name}?force=true`);
  for (const name of found.networks) await remove(engine, `/networks/${name}`);
  return found;
}

/** Containers that wrote to a volume when the program that made them was killed. */
async function carriersOf(engine: DockerEngine, volumes: string[]): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["dev.devflow.carrier"] }));
  const all = await engine.call<{ Id: string; Labels: Record<string, string> }[]>(
    "GET",
    `/containers/json?all=true&filters=${filters}`,
  );
  return all.filter(({ Labels }) => volumes.includes(Labels["dev.devflow.carrier"] ?? "")).map(({ Id }) => Id);
}

async function remove(engine: DockerEngine, path: string): Promise<void> {
  await engine.call("DELETE", path).catch((error: unknown) => {
    if ((error as { status?: number }).status !== 404) throw error;
  });
}
