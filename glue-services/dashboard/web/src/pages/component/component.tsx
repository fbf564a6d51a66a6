import { Button, Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import type { ComponentStatus } from "../../api/queries.ts";
import { isAdministrator, useMe } from "../../api/session.ts";
import { useStatus } from "../../api/use-status.ts";
import { productOf } from "../../features.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { amount, StateCell } from "../overview/components.tsx";
import { Configuration } from "./configuration.tsx";
import { Dependencies } from "./dependencies.tsx";
import { Logs } from "./logs.tsx";
import { Metrics } from "./metrics.tsx";
import { Processes } from "./processes.tsx";

/** One component: its log, processes, configuration and what it needs. */
export function ComponentPage() {
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const status = useStatus();
  const administrator = isAdministrator(useMe());
  return (
    <Answer query={status}>
      {({ components, supervisor }) => {
        const component = components.find((one) => one.name === name);
        if (component) return <Content component={component} />;
        if (!supervisor.reachable && components.length === 0 && administrator) {
          return (
            <Page
              title={name}
              lead="Not run by this machine’s supervisor: what Prometheus measured is what is known here."
            >
              <Metrics component={name} />
            </Page>
          );
        }
        return (
          <Page title={name}>
            <Empty title="There is no such component here" action={<Command>./devflow status</Command>}>
              It may not be part of this platform’s profile. The platform has{" "}
              {components.map((one) => one.name).join(", ")}.
            </Empty>
          </Page>
        );
      }}
    </Answer>
  );
}

const tabs = ["logs", "metrics", "processes", "configuration", "dependencies"] as const;

function Content({ component }: { component: ComponentStatus }) {
  const { name, version, address, memory, cpu, since, processes } = component;
  const administrator = isAdministrator(useMe());
  const [tab, setTab] = useAddress("tab");
  const shown = administrator ? tabs : (["processes"] as const);
  const current = shown.find((one) => one === tab) ?? shown[0];
  return (
    <Page
      title={name}
      lead={
        <span className="row facts-line">
          <StateCell component={component} />
          <span>{productOf(name).title}</span>
          {version && <span>version {version}</span>}
          <span>{amount(memory)}</span>
          {cpu !== null && <span>{cpu.toFixed(1)} % CPU</span>}
          <span>
            since <Ago at={since} />
          </span>
        </span>
      }
      actions={
        address && (
          <Button
            component="a"
            href={address}
            target="_blank"
            rel="noreferrer"
            variant="default"
            size="xs"
            rightSection={<Icon name="external" size={12} />}
          >
            Open
          </Button>
        )
      }
    >
      <Tabs value={current} onChange={(next) => setTab(next ?? undefined)} keepMounted={false}>
        <Tabs.List>
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {one.charAt(0).toUpperCase() + one.slice(1)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {administrator && (
          <Tabs.Panel value="logs">
            <Logs component={name} processes={processes.map((process) => process.name)} />
          </Tabs.Panel>
        )}
        {administrator && (
          <Tabs.Panel value="metrics">
            <Metrics component={name} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="processes">
          <Processes processes={processes} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <Configuration component={name} />
        </Tabs.Panel>
        <Tabs.Panel value="dependencies">
          <Dependencies component={name} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
