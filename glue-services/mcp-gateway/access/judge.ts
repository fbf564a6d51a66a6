import type { Gateway } from "../gateway.ts";
import type { Organisation } from "../servers.ts";
import { approved, digestOf, type ToolCall } from "./approvals.ts";
import type { Caller } from "./caller.ts";
import { ruleFor } from "./rules.ts";

export interface Refused {
  reason: "denied" | "waiting";
  /** For the agent. */
  text: string;
}

/** Whether a call may be made now; undefined: yes. */
export async function judge(
  gateway: Gateway,
  caller: Caller,
  { rules }: Organisation,
  call: ToolCall,
): Promise<Refused | undefined> {
  const rule = ruleFor(rules, caller, call.server, call.tool);
  const effect = rule?.effect ?? "allow";
  if (effect === "allow") return undefined;
  if (effect === "deny") {
    return { reason: "denied", text: `The tool ${call.tool} of ${call.server} is not allowed for you.` };
  }
  const state = await approved(gateway.app, caller, call, rule);
  if (state === "yes") return undefined;
  if (state === "no") {
    return {
      reason: "denied",
      text: `This call of ${call.tool} was looked at by a person and denied. Do not repeat it.`,
    };
  }
  const page = `${gateway.publicUrl}/mcp-servers/approvals`;
  return {
    reason: "waiting",
    text: `This call of ${call.tool} needs a person's approval, which was asked for at ${page}. Make the very same call again once it is approved.`,
  };
}

/** How a call's arguments are named in the log, which does not keep them. */
export function nameArguments(call: ToolCall): string {
  return digestOf(call).toString("hex").slice(0, 32);
}
