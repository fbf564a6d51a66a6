import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { peopleQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import { Section } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { Limits } from "./limits.tsx";
import { type Rule, rulesQuery } from "./queries.ts";
import { RuleDialog } from "./rule-dialog.tsx";

/** Who may call which tools, which calls wait for a person, and how many there may be. */
export function McpRules() {
  const query = useQuery(rulesQuery);
  const manage = useMay("mcp:manage");
  const people = useQuery({ ...peopleQuery, enabled: useMay("people:read") });
  const client = useQueryClient();
  const [changed, change] = useState<Rule | "new">();
  const [asked, ask] = useState<Rule>();
  const whose = ({ role, person, agent, agentName }: Rule) => {
    if (agent) return agentName ?? "one agent";
    if (role) return `role ${role}`;
    if (!person) return "everybody";
    return people.data?.find(({ id }) => id === person)?.name ?? `person ${person.slice(0, 8)}`;
  };
  const columns: Column<Rule>[] = [
    {
      id: "tool",
      title: "Tool",
      value: ({ server, tool }) => `${server ?? ""} ${tool}`,
      // With whom it is for, so that all of a rule is seen on a narrow screen too.
      cell: (rule) => (
        <>
          <div>
            <span className="quiet">{rule.server ?? "every server"}</span> <code>{rule.tool}</code>
          </div>
          <div className="quiet">for {whose(rule)}</div>
        </>
      ),
    },
    { id: "whose", title: "For", hidden: true, value: whose },
    {
      id: "effect",
      title: "Effect",
      choice: true,
      value: ({ effect }) => effect,
      cell: ({ effect }) => <StateMark state={effect} label={effects[effect] ?? effect} />,
    },
    actionsColumn(
      (rule) =>
        manage && (
          <>
            <RowButton about={`the rule for ${rule.tool}`} onClick={() => change(rule)}>
              Change
            </RowButton>
            <RowButton about={`the rule for ${rule.tool}`} onClick={() => ask(rule)}>
              Remove
            </RowButton>
          </>
        ),
    ),
  ];
  return (
    <ListPage
      title="Rules for tools"
      lead="The most particular rule decides: a person before a role before everybody, a server before all, a name before a pattern. Without one a call is allowed."
      query={query}
      create={manage ? { label: "New rule", first: "Set the first rule", run: () => change("new") } : undefined}
      empty={{
        title: "No rule yet: every call is allowed",
        text: "A rule allows calls of a tool, denies them, or makes each wait for a person. A tool that is denied is not offered.",
      }}
      table={(rules) => <DataTable name="rules" columns={columns} rows={rules} id={({ id }) => id} sort="tool" />}
    >
      <Section title="Rate limits">
        <Limits manage={manage} />
      </Section>
      {changed && (
        <RuleDialog
          rule={changed === "new" ? undefined : changed}
          people={people.data ?? []}
          onClose={() => change(undefined)}
        />
      )}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Remove the rule for ${asked.tool}?`}
          action="Remove"
          danger
          run={async () => {
            await call(`/api/mcp/rules/${asked.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey: rulesQuery.queryKey });
          }}
        >
          Calls of {asked.server ?? "every server"} that it spoke of are then decided by the other rules, and allowed
          where there is none. It counts at once, also for clients that are connected.
        </Confirm>
      )}
    </ListPage>
  );
}

const effects: Record<string, string> = { allow: "allowed", approve: "a person approves", deny: "denied" };
