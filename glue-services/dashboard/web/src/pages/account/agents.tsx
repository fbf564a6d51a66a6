import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Agent, agentsQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";

/** Programs that act for the person by a consent, and a way to end it. */
export function Agents() {
  const query = useQuery(agentsQuery);
  const client = useQueryClient();
  const [asked, ask] = useState<Agent>();
  return (
    <Answer query={query} skeleton={<Lines count={1} height={20} />}>
      {(agents) => (
        <>
          <p className="quiet">
            {agents.length === 0
              ? "No program acts for you. One that connects to the MCP servers asks you first, and then stands here."
              : "Programs that you let act for you at the MCP servers."}
          </p>
          <ul className="plain-list">
            {agents.map((agent) => (
              <li key={agent.id} className="row between">
                <span>
                  {agent.name}{" "}
                  <span className="quiet">
                    {agent.site && `of ${agent.site} `}in {agent.organisation}, may {worded(agent.scopes)};{" "}
                    {agent.usedAt ? (
                      <>
                        used <Ago at={agent.usedAt} />
                      </>
                    ) : (
                      "not used yet"
                    )}
                  </span>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => ask(agent)}
                  aria-label={`Disconnect ${agent.name}`}
                >
                  Disconnect
                </Button>
              </li>
            ))}
          </ul>
          {asked && (
            <Confirm
              opened
              onClose={() => ask(undefined)}
              title={`Disconnect ${asked.name}?`}
              action="Disconnect"
              run={async () => {
                await call(`/api/identity/me/agents/${asked.id}`, { method: "DELETE" });
                await client.invalidateQueries({ queryKey: agentsQuery.queryKey });
              }}
            >
              What it holds opens nothing any more, at once. It may ask you again.
            </Confirm>
          )}
        </>
      )}
    </Answer>
  );
}

const words: Record<string, string> = {
  "mcp:use": "use servers",
  "*:read": "read",
  "*:write": "write",
  "*:run": "run",
};

function worded(scopes: readonly string[]): string {
  return scopes.flatMap((scope) => words[scope] ?? []).join(", ");
}
