import { dockerEngine } from "../../components/provider/docker/engine.ts";
import type { Settings } from "../../stacks/config/index.ts";

/** Stops the containers of an appliance, the database last, and answers which ran. They stay, with all data. */
export async function stopContainers(settings: Settings): Promise<string[]> {
  await using engine = dockerEngine(settings.docker.host);
  const label = [`dev.devflow.stack=devflow-${settings.stack.name}`];
  const filters = encodeURIComponent(JSON.stringify({ label, status: ["running", "restarting"] }));
  const running = await engine.call<{ Id: string; Labels: Record<string, string> }[]>(
    "GET",
    `/containers/json?filters=${filters}`,
  );
  const isDatabase = ({ Labels }: (typeof running)[number]) => Labels["dev.devflow.component"] === "postgres";
  for (const group of [running.filter((each) => !isDatabase(each)), running.filter(isDatabase)]) {
    // Each has its own time to end, which it was made with.
    await Promise.all(group.map(({ Id }) => engine.call("POST", `/containers/${Id}/stop`)));
  }
  return running.map(({ Labels }) => Labels["dev.devflow.workload"] ?? "").sort();
}
