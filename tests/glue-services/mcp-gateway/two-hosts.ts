import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { people } from "../build.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

const secret = "shared by the hosts of these tests";

/** Two hosts on one database, and a proxy that gives each request to the next of them. */
export interface TwoHosts {
  /** Through the proxy. */
  both: Rig;
  first: Rig;
  second: Rig;
}

export async function twoHosts(): Promise<TwoHosts> {
  const rig = await startMcpGateway({ secret });
  const url = rig.owner.options.connectionString as string;
  const service = mcpGateway({
    ...{ publicUrl: "http://localhost:4400", programs: true, readSecret: async () => "", secret },
  });
  const other = await buildApp({
    ...{ version: "0.0.0-test", logLevel: "silent", services: [service], database: { url } },
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
  });
  onTestFinished(() => other.close());
  await other.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => void other.server.closeAllConnections());
  const ports = [rig.app, other].map(({ server }) => (server.address() as AddressInfo).port);
  let turn = 0;
  const proxy = createServer((request, response) => {
    const { url: path, method, headers } = request;
    const onward = send({ host: "127.0.0.1", port: ports[turn++ % 2], path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const at = (port: number | undefined): Rig => ({ ...rig, url: `http://127.0.0.1:${port}` });
  return { both: at((proxy.address() as AddressInfo).port), first: at(ports[0]), second: at(ports[1]) };
}
