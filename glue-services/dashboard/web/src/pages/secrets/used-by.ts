import { useQuery } from "@tanstack/react-query";
import { useSituation } from "../../api/use-situation.ts";
import { providersQuery } from "../hub/queries.ts";
import { serversQuery } from "../mcp/queries.ts";

/** What names a secret, in words: providers of models and MCP servers. */
export function useUses(): (name: string) => string[] {
  const answers = useSituation()?.context.answers ?? [];
  const providers = useQuery({ ...providersQuery, enabled: answers.includes("/api/ai/models") }).data ?? [];
  const servers = useQuery({ ...serversQuery, enabled: answers.includes("/api/mcp/servers") }).data ?? [];
  return (name) => [
    ...providers.filter(({ key }) => key?.replace(/^env:/, "") === name).map((one) => `Provider ${one.name}`),
    ...servers.filter((server) => namesIn(server).has(name)).map((one) => `MCP server ${one.name}`),
  ];
}

/** Names of the secrets anywhere in a value: `{secret: NAME}`. */
function namesIn(value: unknown): Set<string> {
  if (typeof value !== "object" || value === null) return new Set();
  const own = "secret" in value && typeof value.secret === "string" ? [value.secret] : [];
  return new Set([...own, ...Object.values(value).flatMap((one) => [...namesIn(one)])]);
}
