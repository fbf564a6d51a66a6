import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Service } from "../kit/index.ts";
import { guardAgainstRebinding } from "./access/guard.ts";
import { openListeners } from "./access/listeners.ts";
import { openCallLog } from "./calls.ts";
import { findWay } from "./children/sandbox.ts";
import { openFederation } from "./federation/federation.ts";
import { openFormerSse } from "./federation/former-sse.ts";
import { openHosts } from "./federation/hosts.ts";
import { openNews } from "./federation/news.ts";
import { feed } from "./feed.ts";
import type { Gateway } from "./gateway.ts";
import { fromSecrets, type ReadSecret } from "./given.ts";
import { expireApprovals, forgetCalls, forgetSpent } from "./jobs.ts";
import { keepStored } from "./keeping.ts";
import { defaultLimits, type Limits, openMeter } from "./limits/meter.ts";
import { openAnswers } from "./offline/answers.ts";
import { openAgents } from "./pass/agents.ts";
import { sealWith } from "./pass/seal.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { callRoutes } from "./routes/calls.ts";
import { limitRoutes } from "./routes/limits.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { serverRoutes } from "./routes/servers.ts";
import { wireRoutes } from "./routes/wire.ts";
import { openRegistry } from "./servers.ts";

export interface McpGatewayOptions {
  /** Address under which people reach the platform. */
  publicUrl: string;
  /** Whether servers may be programs of this host: never where they could not be kept from its keys. */
  programs: boolean;
  /** Hosts that share it take each other's sessions. @default one of this process */
  secret?: string;
  /** Folder that programs start in. @default one that ends with the gateway */
  folder?: string;
  /** Folders that programs may not see: those with the platform's keys and data. @default none */
  hidden?: readonly string[];
  /** Messages a minute, where an organisation set none. @default 1200 of a person or key, 12000 of an organisation */
  limits?: Limits;
  /** @default from the secrets of the host */
  readSecret?: ReadSecret;
}

/** Where hosts hear that servers or rules changed, and what servers said at other hosts. */
const channel = "devflow_mcp_gateway";

/** Every MCP server of an organisation behind one address, with rules, approvals and a log. */
export function mcpGateway(options: McpGatewayOptions): Service {
  return {
    name: "mcp_gateway",
    feed,
    migrations: new URL("migrations/", import.meta.url),
    jobs: [forgetCalls, forgetSpent, expireApprovals],
    async register(app) {
      const publicUrl = options.publicUrl.replace(/\/$/, "");
      const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "devflow-mcp-")));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (options.programs && (await findWay(folder)) === "none") {
        app.log.warn("programs of MCP servers run as the host does and can read its keys: install bubblewrap");
      }
      const usual = options.limits ?? defaultLimits;
      const secret = options.secret ? createHash("sha256").update(options.secret).digest() : randomBytes(32);
      app.live.topic("mcp", { authorise: ({ scopes }) => scopes.includes("*") || scopes.includes("mcp:read") });
      const gateway: Gateway = {
        ...{ app, publicUrl, folder, programs: options.programs, hidden: options.hidden ?? [] },
        registry: openRegistry(app, usual),
        readSecret: options.readSecret ?? fromSecrets(app),
        calls: openCallLog(app.database, (entries, error) =>
          app.log.warn({ entries, err: error }, "the log of calls waits"),
        ),
        meter: openMeter(app.database),
        answers: openAnswers(app),
        agents: openAgents(),
        seal: sealWith(secret),
        federation: openFederation(() => gateway),
        news: openNews(app.database.pool, channel, () => gateway.hosts.own),
        formerSse: openFormerSse(() => gateway),
        hosts: openHosts(app, () => gateway.seal),
        listeners: openListeners(app),
        guard: guardAgainstRebinding(publicUrl),
      };
      await wireRoutes(app, gateway);
      serverRoutes(app, gateway);
      ruleRoutes(app, gateway);
      approvalRoutes(app, gateway);
      callRoutes(app);
      limitRoutes(app, gateway, usual);
      app.addHook("onReady", () =>
        keepStored(app).catch((error: unknown) =>
          app.log.warn({ err: error }, "tokens of servers were not moved to secrets"),
        ),
      );
      const heard = (payload = "") => {
        if (payload !== "") {
          const told = gateway.news.read(payload);
          if (told) gateway.federation.heard(told);
          return;
        }
        gateway.registry.doubt();
        gateway.federation.changed();
      };
      const others = await app.listener.on(channel, heard);
      app.addHook("preClose", async () => {
        others.close();
        gateway.listeners.close();
        await gateway.formerSse.close();
        await gateway.federation.close();
        await gateway.news.close();
        await gateway.hosts.close();
      });
      app.addHook("onClose", async () => {
        await gateway.calls.close();
        await gateway.agents.close();
        if (!options.folder) await rm(folder, { recursive: true, force: true });
      });
    },
  };
}
