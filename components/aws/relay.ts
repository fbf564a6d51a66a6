import type { ComponentResource, Output } from "@pulumi/pulumi";
import type { Door } from "../primitives/calls.ts";
import { Workload } from "../primitives/workload/index.ts";
import type { Reach } from "../provider/reach/index.ts";

/**
 * A way to the database for whoever sets it up: nothing outside of the VPC reaches it, so a pod passes bytes on to it, and
 * the pod is reached through the cluster's API by those who may. The encryption goes from end to end.
 */
export function relay(
  name: string,
  { host, door }: { host: Output<string>; door: Door },
  parent: ComponentResource,
): Output<Reach> {
  const made = new Workload(
    `${name}-relay`,
    {
      program: { service: "relay" },
      command: (at) => [at.node, "--eval", passOn],
      env: () => ({ RELAY_HOST: host, RELAY_PORT: String(door.port) }),
      ports: { sql: door.port },
      calls: [door],
      health: { tcp: "sql" },
      memory: 64,
      replicas: "several",
      component: name,
    },
    { parent },
  );
  return made.outputs.reach;
}

const passOn = `
const net = require("node:net");
const { RELAY_HOST: host, RELAY_PORT: port } = process.env;
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const database = net.connect({ host, port: Number(port), allowHalfOpen: true });
  client.pipe(database).pipe(client);
  for (const one of [client, database]) one.on("error", () => (client.destroy(), database.destroy()));
});
server.listen(Number(port), "0.0.0.0");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;
