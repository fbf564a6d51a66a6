import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { zone } from "../../parts/day.ts";
import "../../style/hub.css";
import { useAddress } from "../../parts/address.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { BarChart } from "../../parts/chart.tsx";
import { Command } from "../../parts/command.tsx";
import { today } from "../../parts/day.ts";
import { Page } from "../../parts/page.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { Cost } from "./cost.tsx";
import { count, dollars, type UsageSum, usageQuery } from "./queries.ts";

const spans = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];
const groups = [
  { value: "day", label: "By day" },
  { value: "model", label: "By model" },
  { value: "key", label: "By key" },
  { value: "project", label: "By project" },
];
const measures = [
  { value: "cost", label: "Cost" },
  { value: "requests", label: "Requests" },
  { value: "tokens", label: "Tokens" },
];

/** What was used: a chart by day, and a table by whatever is asked. */
export function Usage() {
  const [span, setSpan] = useAddress("days");
  const [by, setBy] = useAddress("by");
  const [measure, setMeasure] = useAddress("measure");
  const days = daysBack(Number(span || 30));
  const [from = "", to = ""] = [days[0], days.at(-1)];
  const daily = useQuery(usageQuery("day", from, to));
  const grouped = useQuery(usageQuery(by || "day", from, to));
  return (
    <Page
      title="Usage"
      lead={`Requests, tokens and cost, counted once each. Days are those of your time zone, ${zone}.`}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Days"
          data={spans}
          value={span || "30"}
          onChange={(next) => setSpan(next === "30" ? undefined : next)}
        />
      }
    >
      <Answer query={daily}>
        {(sums) =>
          sums.length === 0 ? (
            <Empty title="Nothing used in these days" action={<Command>./devflow hub chat "Hello"</Command>}>
              As soon as a program or a part of the platform calls a model, its requests, tokens and cost stand here.
            </Empty>
          ) : (
            <>
              <SegmentedControl
                size="xs"
                aria-label="What the chart shows"
                data={measures}
                value={shownOf(measure, sums)}
                onChange={setMeasure}
              />
              <BarChart
                title={titles[shownOf(measure, sums)] ?? ""}
                shown={shownOf(measure, sums) === "cost" ? dollars : short}
                bars={days.map((day) => ({
                  label: day,
                  value: amount(
                    sums.find(({ group }) => group === day),
                    shownOf(measure, sums),
                  ),
                }))}
              />
              <SegmentedControl
                size="xs"
                aria-label="Rows of the table"
                data={groups}
                value={by || "day"}
                onChange={(next) => setBy(next === "day" ? undefined : next)}
              />
              <Answer query={grouped}>
                {(rows) => (
                  <DataTable
                    name="usage"
                    columns={columnsFor(by || "day")}
                    rows={rows}
                    id={({ group }) => group ?? "none"}
                    sort={by && by !== "day" ? "-cost" : "-group"}
                  />
                )}
              </Answer>
            </>
          )
        }
      </Answer>
    </Page>
  );
}

/** Cost, unless there was none: a chart of nothing says nothing. */
function shownOf(measure: string, sums: readonly UsageSum[]): string {
  return measure || (sums.some(({ cost }) => cost > 0) ? "cost" : "requests");
}

const titles: Record<string, string> = {
  cost: "Cost, US dollars a day",
  requests: "Requests a day",
  tokens: "Tokens a day",
};

function amount(sum: UsageSum | undefined, measure: string): number {
  if (!sum) return 0;
  return measure === "requests" ? sum.requests : measure === "tokens" ? sum.inputTokens + sum.outputTokens : sum.cost;
}

function columnsFor(by: string): Column<UsageSum>[] {
  const title = groups.find(({ value }) => value === by)?.label.slice(3) ?? by;
  return [
    {
      id: "group",
      title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
      value: ({ group, name }) => name ?? group ?? "none",
    },
    {
      id: "requests",
      title: "Requests",
      align: "right",
      value: ({ requests }) => requests,
      cell: ({ requests }) => count(requests),
    },
    {
      id: "failures",
      title: "Failed",
      align: "right",
      optional: true,
      value: ({ failures }) => failures,
      cell: ({ failures }) => count(failures),
    },
    {
      id: "cached",
      title: "From the cache",
      align: "right",
      optional: true,
      value: ({ cached }) => cached,
      cell: ({ cached }) => count(cached),
    },
    {
      id: "input",
      title: "Tokens in",
      align: "right",
      optional: true,
      value: ({ inputTokens }) => inputTokens,
      cell: ({ inputTokens }) => count(inputTokens),
    },
    {
      id: "output",
      title: "Tokens out",
      align: "right",
      optional: true,
      value: ({ outputTokens }) => outputTokens,
      cell: ({ outputTokens }) => count(outputTokens),
    },
    {
      id: "cost",
      title: "Cost",
      align: "right",
      value: ({ cost }) => cost,
      cell: ({ cost, unpriced }) => <Cost cost={cost} unpriced={unpriced} />,
    },
  ];
}

function short(number: number): string {
  return number.toLocaleString("en-US", {
    notation: number >= 10_000 ? "compact" : "standard",
    maximumFractionDigits: 1,
  });
}

/** Days up to today where the viewer is, as 2026-11-24. */
function daysBack(many: number): string[] {
  const now = new Date();
  return Array.from({ length: many }, (_, at) =>
    // By the calendar: the days on which clocks change have not 24 hours.
    today(new Date(now.getFullYear(), now.getMonth(), now.getDate() - (many - 1 - at))),
  );
}
