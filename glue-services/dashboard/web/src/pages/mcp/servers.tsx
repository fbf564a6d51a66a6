import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { Connect } from "./connect.tsx";
import { NewServer } from "./new-server.tsx";
import { type Server, serversQuery } from "./queries.ts";
import { ServerPanel } from "./server-panel.tsx";

const columns: Column<Server>[] = [
  { id: "name", title: "Name", value: ({ name }) => name, cell: ({ name }) => <strong>{name}</strong> },
  { id: "title", title: "What it is", optional: true, value: ({ title }) => title },
  { id: "transport", title: "Reached by", choice: "transport", value: ({ transport }) => transport },
  {
    id: "where",
    title: "Where",
    optional: true,
    value: ({ url, command }) => url ?? command?.join(" ") ?? "",
    cell: ({ url, command }) => <code className="clip">{url ?? command?.join(" ")}</code>,
  },
  { id: "whose", title: "For", value: ({ personal }) => (personal ? "you" : "everybody") },
  {
    id: "state",
    title: "State",
    value: ({ enabled }) => (enabled ? "on" : "off"),
    cell: ({ enabled }) => <StateMark state={enabled ? "active" : "off"} />,
  },
  {
    id: "changed",
    title: "Changed",
    optional: true,
    value: ({ changedAt }) => changedAt,
    cell: ({ changedAt }) => <Ago at={changedAt} />,
  },
];

/** MCP servers behind the gateway: what each offers, and how clients connect. */
export function McpServers() {
  const query = useQuery(serversQuery);
  const use = useMay("mcp:use");
  const approve = useMay("mcp:approve");
  const [adding, add] = useState(false);
  const [open, setOpen] = useAddress("server");
  return (
    <Page
      title="MCP servers"
      lead="Tools for agents, behind one address. Rules, approvals and a log hold for all of them."
      actions={
        <>
          {approve && (
            <Button size="xs" variant="default" component={Link} to="/mcp-servers/approvals">
              Approvals
            </Button>
          )}
          <Button size="xs" variant="default" component={Link} to="/mcp-servers/rules">
            Rules
          </Button>
          <Button size="xs" variant="default" component={Link} to="/mcp-servers/calls">
            Calls
          </Button>
          {use && (
            <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => add(true)}>
              Add a server
            </Button>
          )}
        </>
      }
    >
      <Answer query={query}>
        {(servers) =>
          servers.length === 0 ? (
            <Empty
              title="Only the platform’s own tools so far"
              action={
                use && (
                  <Button size="xs" onClick={() => add(true)}>
                    Add the first server
                  </Button>
                )
              }
            >
              Agents that connect find the platform’s tools already. Add other MCP servers, by address or as a program,
              and they stand beside them.
            </Empty>
          ) : (
            <DataTable
              name="servers"
              columns={columns}
              rows={servers}
              id={({ id }) => id}
              sort="name"
              onOpen={({ id }) => setOpen(id)}
              open={open}
              openKey="server"
            />
          )
        }
      </Answer>
      <Connect />
      {adding && <NewServer onClose={() => add(false)} />}
      <ServerPanel server={query.data?.find(({ id }) => id === open)} onClose={() => setOpen(undefined)} />
    </Page>
  );
}
