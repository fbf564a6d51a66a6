import type { AddressInfo } from "node:net";
import type pg from "pg";
import { onTestFinished } from "vitest";
import type { App, Database, Identity, Service } from "../../../glue-services/kit/index.ts";
import { type McpGatewayOptions, mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import type { ServerGiven } from "../../../glue-services/mcp-gateway/schemas.ts";
import { build, person } from "../build.ts";

export interface Rig {
  app: App;
  /** Address of the platform. */
  url: string;
  owner: pg.Pool;
  database: Database;
  /** Who administers the platform and the organisation. */
  admin: Someone;
  /** Adds a server for everybody; answers its id. */
  add(server: ServerGiven): Promise<string>;
  ask<Result>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
    who?: Someone,
  ): Promise<{ status: number; body: Result }>;
}

export interface Someone {
  identity: Identity;
  headers: { authorization: string };
}

/** A platform with an MCP gateway that listens. */
export async function startMcpGateway(
  options: Partial<McpGatewayOptions> & { services?: readonly Service[] } = {},
): Promise<Rig> {
  const { services = [], ...own } = options;
  const service = mcpGateway({
    publicUrl: "http://localhost:4400",
    programs: true,
    readSecret: async (_caller, _server, name) => `value-of-${name}`,
    ...own,
  });
  let database: Database | undefined;
  const watched: Service = {
    ...service,
    register(own) {
      database = own.database;
      return service.register(own);
    },
  };
  const { app, owner } = await build([...services, watched]);
  if (!database) throw new Error("the gateway was not mounted");
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => void app.server.closeAllConnections());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const admin = person({ roles: ["platform-administrator"] });
  const rig: Rig = {
    ...{ app, url, owner, database, admin },
    async add(server) {
      const { status, body } = await rig.ask<{ id: string }>("PUT", "/servers", server);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return body.id;
    },
    async ask(method, path, body, who = admin) {
      const answer = await app.inject({
        method,
        url: `/api/mcp${path}`,
        headers: who.headers,
        ...(body && { payload: body }),
      });
      return { status: answer.statusCode, body: (answer.body === "" ? undefined : answer.json()) as never };
    },
  };
  return rig;
}

/** Somebody else of the same organisation. */
export function colleague(rig: Rig, given: Partial<Identity> = {}): Someone {
  return person({ organisation: rig.admin.identity.organisation, ...given });
}
