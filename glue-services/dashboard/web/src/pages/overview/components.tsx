import { Button } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { bytes, duration } from "../../../../../platform/pages/units.ts";
import { call } from "../../api/call.ts";
import type { ComponentStatus, Status } from "../../api/queries.ts";
import { isAdministrator, useMe } from "../../api/session.ts";
import { productOf } from "../../features.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Icon } from "../../parts/icon.tsx";
import { type Point, Sparkline } from "../../parts/line-chart.tsx";
import { Facts } from "../../parts/page.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { Processes } from "../component/processes.tsx";

const columns: Column<ComponentStatus>[] = [
  { id: "name", title: "Component", value: ({ name }) => name },
  { id: "product", title: "Product", value: ({ name }) => productOf(name).title, optional: true },
  {
    id: "state",
    title: "State",
    choice: true,
    value: ({ state }) => state,
    cell: (component) => <StateCell component={component} />,
  },
  { id: "version", title: "Version", value: ({ version }) => version || null, optional: true },
  {
    id: "memory",
    title: "Memory",
    align: "right",
    value: ({ memory }) => memory,
    cell: ({ name, memory }) => (
      <span className="with-spark">
        <Spark component={name} />
        {amount(memory)}
      </span>
    ),
  },
  {
    id: "cpu",
    title: "CPU",
    align: "right",
    optional: true,
    value: ({ cpu }) => cpu,
    cell: ({ cpu }) => (cpu === null ? "–" : `${cpu.toFixed(1)} %`),
  },
  { id: "since", title: "Since", optional: true, value: ({ since }) => since, cell: ({ since }) => <Ago at={since} /> },
];

/** Every component with its state; a row opens its panel without leaving the page. */
export function Components({ status }: { status: Status }) {
  const [open, setOpen] = useAddress("open");
  const chosen = status.components.find(({ name }) => name === open);
  return (
    <>
      <DataTable
        name="components"
        columns={columns}
        rows={worstFirst(status.components)}
        id={({ name }) => name}
        open={open}
        onOpen={({ name }) => setOpen(name, { push: true })}
      />
      <SidePanel title={chosen?.name} opened={chosen !== undefined} onClose={() => setOpen(undefined)}>
        {chosen && <Details component={chosen} />}
      </SidePanel>
    </>
  );
}

const sparksQuery = queryOptions({
  queryKey: ["metrics", "memory"],
  queryFn: ({ signal }) => call<Sparks>("/api/platform/metrics/memory", { signal }),
  refetchInterval: 60_000,
  retry: false,
});
interface Sparks {
  there: boolean;
  memory: Record<string, Point[]>;
}

/** Memory of the last hour, where Prometheus runs and the viewer may know. */
function Spark({ component }: { component: string }) {
  const enabled = isAdministrator(useMe());
  const { data } = useQuery({ ...sparksQuery, enabled });
  return <Sparkline points={data?.memory[component] ?? []} />;
}

const order = ["failed", "degraded", "unknown", "preparing", "starting", "waiting", "stopped", "ready"];

function worstFirst(components: readonly ComponentStatus[]): ComponentStatus[] {
  const rank = ({ state }: ComponentStatus) => order.indexOf(state);
  return [...components].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function Details({ component }: { component: ComponentStatus }) {
  const { name, state, version, address, memory, cpu, since, processes } = component;
  return (
    <div className="stack">
      <Facts
        facts={[
          ["State", <StateCell key="state" component={component} />],
          ["Product", productOf(name).title],
          ["Version", version || "–"],
          ["Memory", amount(memory)],
          ["CPU", cpu === null ? "–" : `${cpu.toFixed(1)} % of one core`],
          [state === "ready" ? "Ready since" : "So since", <Ago key="since" at={since} />],
          [
            "Address",
            address ? (
              <a key="address" href={address}>
                {address}
              </a>
            ) : (
              "none for people"
            ),
          ],
        ]}
      />
      <h3>Processes</h3>
      <Processes processes={processes} />
      <div className="row">
        <Button
          variant="default"
          size="xs"
          rightSection={<Icon name="right" size={12} />}
          renderRoot={(props) => <Link to="/components/$name" params={{ name }} {...props} />}
        >
          Logs, metrics, configuration, dependencies
        </Button>
      </div>
    </div>
  );
}

export function StateCell({ component: { state, reason, progress } }: { component: ComponentStatus }) {
  return (
    <span className="state-cell">
      <StateMark state={state} />
      {progress && (
        <span className="quiet">
          {progress.phase}
          {progress.percent !== null && ` ${progress.percent} %`}
          {progress.eta !== null && `, about ${duration(progress.eta)} left`}
        </span>
      )}
      {reason && <span className="quiet reason">{reason}</span>}
    </span>
  );
}

export function amount(memory: number | null): string {
  return memory === null ? "–" : bytes(memory);
}
