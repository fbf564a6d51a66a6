import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { ListPage } from "../../parts/list-page.tsx";
import { plural } from "../../parts/plural.ts";
import { actionsColumn, RowButton } from "../../parts/table/actions.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import "../../style/hub.css";
import { NewBudget } from "./new-budget.tsx";
import { type Budget, budgetsQuery, dollars } from "./queries.ts";
import { useSubjects } from "./subjects.ts";

/** How much may be used, by whom, and how much of it is used. */
export function Budgets() {
  const query = useQuery(budgetsQuery);
  const subjects = useSubjects();
  const client = useQueryClient();
  const manage = useMay("ai:manage");
  const [making, make] = useState(false);
  const [asked, ask] = useState<Budget>();
  const whose = ({ level, subject }: Budget) =>
    subject === null ? "the organisation" : `${level} ${subjects.nameOf(subject)}`;
  const columns: Column<Budget>[] = [
    { id: "whose", title: "Whose", value: whose },
    { id: "model", title: "For", optional: true, value: ({ model }) => model ?? "all models" },
    { id: "unit", title: "Unit", choice: true, hidden: true, value: ({ unit }) => unit },
    {
      id: "amount",
      title: "Limit",
      align: "right",
      value: ({ amount }) => amount,
      cell: (one) => `${amountOf(one.unit, one.amount)} ${periods[one.period] ?? one.period}`,
    },
    { id: "spent", title: "Used", align: "right", value: share, cell: (budget) => <Used budget={budget} /> },
    actionsColumn(
      (budget) =>
        manage && (
          <RowButton about={`the budget of ${whose(budget)}`} onClick={() => ask(budget)}>
            Remove
          </RowButton>
        ),
    ),
  ];
  return (
    <ListPage
      title="Budgets and limits"
      lead="Reserved before a call and settled after it, so that many calls at once cannot go past them."
      query={query}
      create={manage ? { label: "New budget", first: "Set the first budget", run: () => make(true) } : undefined}
      empty={{
        title: "No budget yet: nothing holds calls back",
        text: "Money, tokens or requests in a minute, hour, day or month; for the organisation, a project, a key or a person, for all models or one.",
      }}
      table={(budgets) => (
        <DataTable name="budgets" columns={columns} rows={budgets} id={({ id }) => id} sort="-spent" />
      )}
    >
      {making && <NewBudget onClose={() => make(false)} />}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Delete the budget of ${whose(asked)}?`}
          action="Delete"
          danger
          run={async () => {
            await call(`/api/ai/budgets/${asked.id}`, { method: "DELETE" });
            await client.invalidateQueries({ queryKey: budgetsQuery.queryKey });
          }}
        >
          Its calls are no longer held back by it. What was counted is forgotten.
        </Confirm>
      )}
    </ListPage>
  );
}

const periods: Record<string, string> = {
  minute: "a minute",
  hour: "an hour",
  day: "a day",
  month: "a month",
  ever: "in all",
};

function amountOf(unit: Budget["unit"], amount: number): string {
  return unit === "money" ? dollars(amount) : plural(amount, unit.slice(0, -1));
}

function share({ amount, spent }: Budget): number {
  return amount === 0 ? 1 : spent / amount;
}

function Used({ budget }: { budget: Budget }) {
  const part = Math.min(1, share(budget));
  const tone = part >= 1 ? "bad" : part >= 0.8 ? "warn" : "good";
  return (
    <span className="used">
      <span>
        {amountOf(budget.unit, budget.spent)} <span className="quiet">{Math.round(share(budget) * 100)} %</span>
      </span>
      <span className={`used-bar used-${tone}`} aria-hidden="true">
        <span style={{ width: `${part * 100}%` }} />
      </span>
    </span>
  );
}
