import type { FastifyRequest } from "fastify";
import type { App } from "../kit/index.ts";
import type { Listeners } from "./access/listeners.ts";
import type { CallLog } from "./calls.ts";
import type { Federation } from "./federation/federation.ts";
import type { FormerSse } from "./federation/former-sse.ts";
import type { Hosts } from "./federation/hosts.ts";
import type { News } from "./federation/news.ts";
import type { ReadSecret } from "./given.ts";
import type { Meter } from "./limits/meter.ts";
import type { Answers } from "./offline/answers.ts";
import type { Agents } from "./pass/agents.ts";
import type { Seal } from "./pass/seal.ts";
import type { Registry } from "./servers.ts";

/** All that the gateway's routes share. */
export interface Gateway {
  app: App;
  /** Address of the platform, without a slash at its end. */
  publicUrl: string;
  registry: Registry;
  readSecret: ReadSecret;
  calls: CallLog;
  meter: Meter;
  answers: Answers;
  agents: Agents;
  seal: Seal;
  federation: Federation;
  news: News;
  formerSse: FormerSse;
  hosts: Hosts;
  /** Whether servers may be programs of this host. */
  programs: boolean;
  listeners: Listeners;
  /** Folder that children start in. */
  folder: string;
  /** Folders that children may not see. */
  hidden: readonly string[];
  /** @throws ApiError FORBIDDEN when a page of another site may have sent it */
  guard(request: FastifyRequest): void;
}
