import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Type } from "typebox";
import { declareService, resource } from "../kit/declare/index.ts";

export const service = declareService({
  name: "mcp-gateway",
  title: "MCP gateway",
  description: "MCP servers and the platform's own tools behind one address, with rules, approvals and a log.",
  group: "gateway",
  memory: 10,
  needs: {
    database: resource.database,
    masterKeys: Type.Optional(resource.masterKeys),
    dataFolder: Type.Optional(resource.dataFolder),
  },
  settings: {},
  scopes: {
    "mcp:use": "Call tools of MCP servers",
    "mcp:read": "Read servers, rules and calls",
    "mcp:manage": "Manage servers and rules",
    "mcp:approve": "Approve calls that wait",
  },
  async load({ stack, resources: { masterKeys, dataFolder } }) {
    const { mcpGateway } = await import("./app.ts");
    return mcpGateway({
      publicUrl: stack.publicUrl,
      // In a container nothing keeps them from the platform's keys and from all that it can call.
      programs: stack.kind === "local",
      ...(masterKeys !== undefined && { secret: `mcp ${await readFile(masterKeys, "utf8")}` }),
      ...(dataFolder !== undefined && { folder: join(dataFolder, "mcp") }),
      hidden: [
        ...(masterKeys === undefined ? [] : [dirname(masterKeys)]),
        ...(dataFolder === undefined ? [] : [dataFolder]),
      ],
    });
  },
});
