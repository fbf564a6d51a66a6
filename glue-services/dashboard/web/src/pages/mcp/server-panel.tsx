import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { Answer, Failure } from "../../parts/answers.tsx";
import { Copy } from "../../parts/command.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts, Section } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { offerQuery, type Server, serversQuery } from "./queries.ts";
import { TryCall } from "./try-call.tsx";

/** One server: where clients find it, what it offers, and a call to try. */
export function ServerPanel({ server, onClose }: { server: Server | undefined; onClose: () => void }) {
  return (
    <SidePanel title={server?.name ?? ""} opened={server !== undefined} onClose={onClose}>
      {server && <Details key={server.id} server={server} onClose={onClose} />}
    </SidePanel>
  );
}

function Details({ server, onClose }: { server: Server; onClose: () => void }) {
  const offer = useQuery(offerQuery(server.id));
  const client = useQueryClient();
  const [removing, remove] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const refresh = () => client.invalidateQueries({ queryKey: serversQuery.queryKey });

  async function turn(): Promise<void> {
    const { id: _, address: __, changedAt: ___, kept: ____, url, command, personal, ...rest } = server;
    const body = { ...rest, ...(url && { url }), ...(command && { command }), ...(personal && { personal }) };
    setFailure(undefined);
    try {
      await call("/api/mcp/servers", { method: "PUT", body: { ...body, enabled: !server.enabled } });
      await refresh();
    } catch (error) {
      setFailure(error as Error);
    }
  }

  return (
    <div className="stack">
      <Facts
        facts={[
          [
            "Through the gateway",
            <span className="row" key="address">
              <code>{server.address}</code> <Copy value={server.address} label="Copy the address" />
            </span>,
          ],
          ["Headers", Object.keys(server.headers).join(", ") || "none"],
          ["Kept as secrets", server.kept.join(", ") || "none"],
          ["Environment", Object.keys(server.environment).join(", ") || "none"],
        ]}
      />
      <div className="row">
        <Button size="xs" variant="default" onClick={turn}>
          {server.enabled ? "Switch off" : "Switch on"}
        </Button>
        <Button size="xs" variant="default" onClick={() => void offer.refetch()} loading={offer.isFetching}>
          Test the connection
        </Button>
        <Button size="xs" variant="default" color="red" onClick={() => remove(true)}>
          Remove
        </Button>
      </div>
      {failure && <Failure error={failure} />}
      {server.enabled && (
        <Answer query={offer}>
          {(found) => (
            <>
              <Section title="Tools" aside={<span className="quiet">answered in {found.ms} ms</span>}>
                <ul className="plain">
                  {found.tools.map(({ name, description }) => (
                    <li key={name}>
                      <code>{name}</code> <span className="quiet">{description}</span>
                    </li>
                  ))}
                </ul>
                <p className="quiet">
                  {found.prompts.length} prompts, {found.resources.length} resources
                </p>
              </Section>
              {found.tools.length > 0 && <TryCall server={server} offer={found} />}
            </>
          )}
        </Answer>
      )}
      {removing && (
        <Confirm
          opened
          onClose={() => remove(false)}
          title={`Remove ${server.name}?`}
          action="Remove"
          name={server.name}
          danger
          run={async () => {
            await call(`/api/mcp/servers/${server.id}`, { method: "DELETE" });
            await refresh();
            onClose();
          }}
        >
          Agents no longer find its tools. Its log stays; what was remembered of it for times without it goes.
        </Confirm>
      )}
    </div>
  );
}
