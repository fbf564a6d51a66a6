import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { ListPage } from "../../parts/list-page.tsx";
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
  const [adding, add] = useState(false);
  const [open, setOpen] = useAddress("server");
  return (
    <ListPage
      title="MCP servers"
      lead="Tools for agents, behind one address. Rules, approvals and a log hold for all of them."
      query={query}
      create={use ? { label: "Add a server", first: "Add the first server", run: () => add(true) } : undefined}
      empty={{
        title: "Only the platform’s own tools so far",
        text: "Agents that connect find the platform’s tools already. Add other MCP servers, by address or as a program, and they stand beside them.",
      }}
      table={(servers) => (
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
      )}
    >
      <Connect />
      {adding && <NewServer onClose={() => add(false)} />}
      <ServerPanel server={query.data?.find(({ id }) => id === open)} onClose={() => setOpen(undefined)} />
    </ListPage>
  );
}
