import { queryOptions } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Approval, CallTold, LimitsGiven, RuleTold, ServerTold } from "../../../../../mcp-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import type { Schema } from "./arguments.ts";

export type Server = Static<typeof ServerTold>;
export type Rule = Static<typeof RuleTold>;
export type MessageLimits = Static<typeof LimitsGiven>;
export type Waiting = Static<typeof Approval>;
export type ToolCall = Static<typeof CallTold>;

export interface Offer {
  tools: { name: string; description?: string; inputSchema: Schema }[];
  prompts: { name: string }[];
  resources: { uri: string }[];
  ms: number;
}

export const serversQuery = queryOptions({
  queryKey: ["mcp", "servers"],
  queryFn: ({ signal }) => call<Server[]>("/api/mcp/servers", { signal }),
});

export const rulesQuery = queryOptions({
  queryKey: ["mcp", "rules"],
  queryFn: ({ signal }) => call<Rule[]>("/api/mcp/rules", { signal }),
});

export const limitsQuery = queryOptions({
  queryKey: ["mcp", "limits"],
  queryFn: ({ signal }) => call<MessageLimits>("/api/mcp/limits", { signal }),
});

export const approvalsQuery = queryOptions({
  queryKey: ["mcp", "approvals"],
  queryFn: ({ signal }) => call<Waiting[]>("/api/mcp/approvals", { signal }),
  refetchInterval: 10_000,
});

export const callsQuery = queryOptions({
  queryKey: ["mcp", "calls"],
  queryFn: ({ signal }) => call<ToolCall[]>("/api/mcp/calls", { signal }),
  refetchInterval: 10_000,
});

/** Starts or calls the server, so it is asked only when its panel is open. */
export function offerQuery(id: string) {
  return queryOptions({
    queryKey: ["mcp", "offer", id],
    queryFn: ({ signal }) => call<Offer>(`/api/mcp/servers/${id}/offer`, { signal }),
    retry: false,
    staleTime: 60_000,
  });
}
