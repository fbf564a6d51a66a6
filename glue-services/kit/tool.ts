import type { Static, TObject, TSchema } from "typebox";
import type { App } from "./app.ts";
import type { Identity } from "./authentication.ts";

/**
 * Something an agent may do with a service. The MCP gateway offers every service's tools; whoever calls one has the same
 * rights as at the service's routes. Few and consolidated: each costs an agent's attention.
 */
export interface Tool {
  /** `snake_case`, unique in the platform. @example "find_tasks" */
  name: string;
  title: string;
  /** For the agent: what it is for, when to use it, what it answers. */
  description: string;
  input: TObject;
  /** Scope that it needs, as a route's. */
  scope: string;
  /** Changes nothing. @default false */
  readOnly?: boolean;
  /** May delete or overwrite. @default false */
  destructive?: boolean;
  call(input: never, context: ToolContext): Promise<ToolAnswer>;
}

export interface ToolContext {
  /** The service's own part of the app. */
  app: App;
  identity: Identity;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Tells how far it is; `total` where it is known. */
  progress(done: number, total?: number, message?: string): void;
}

/** JSON for programs, or text for reading. */
export type ToolAnswer = { data: Record<string, unknown> } | { text: string };

/** Gives `call` the type of its input. Throw ApiError for what the agent should know. */
export function tool<Input extends TObject>(
  given: Omit<Tool, "input" | "call"> & {
    input: Input;
    call(input: Static<Input & TSchema>, context: ToolContext): Promise<ToolAnswer>;
  },
): Tool {
  return given as unknown as Tool;
}

/** A tool and the service it belongs to. */
export interface OfferedTool {
  service: string;
  tool: Tool;
  /** The service's part of the app. */
  app: App;
}

const offered = new WeakMap<object, OfferedTool[]>();

/** Every tool of the host's services that are mounted so far. @throws Error when two have one name */
export function toolsOf(app: App): readonly OfferedTool[] {
  return offered.get(app.server) ?? [];
}

export function offerTools(app: App, service: string, tools: readonly Tool[]): void {
  const all = offered.get(app.server) ?? [];
  for (const one of tools) {
    const twin = all.find(({ tool: other }) => other.name === one.name);
    if (twin) throw new Error(`${service} and ${twin.service} both have a tool ${one.name}.`);
    all.push({ service, tool: one, app });
    app.scopes.asked.add(one.scope);
  }
  offered.set(app.server, all);
}
