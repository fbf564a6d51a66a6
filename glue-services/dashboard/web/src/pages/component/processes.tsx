import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { call } from "../../api/call.ts";
import type { ProcessState } from "../../api/queries.ts";
import { isAdministrator, useMe } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Facts } from "../../parts/page.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { amount } from "../overview/components.tsx";

/** The operating system's processes of a component, and a restart for each. */
export function Processes({ processes }: { processes: readonly ProcessState[] }) {
  const administrator = isAdministrator(useMe());
  const [asked, ask] = useState<ProcessState>();
  if (processes.length === 0) return <p className="quiet">None yet: its program is being prepared.</p>;
  return (
    <div className="processes">
      {processes.map((process) => (
        <section key={process.name} className="process">
          <div className="row between">
            <strong>{process.name}</strong>
            <span className="row">
              <StateMark state={process.state} />
              {administrator && (
                <Button
                  size="compact-xs"
                  variant="default"
                  leftSection={<Icon name="restart" size={12} />}
                  onClick={() => ask(process)}
                >
                  Restart
                </Button>
              )}
            </span>
          </div>
          {process.reason && <p className="reason">{process.reason}</p>}
          <Facts
            facts={[
              ["Process", process.pid === null ? "–" : String(process.pid)],
              ["Since", <Ago key="since" at={process.since} />],
              ["Memory", amount(process.memory)],
              ["CPU", process.cpu === null ? "–" : `${process.cpu.toFixed(1)} %`],
              ["Ports", process.ports.join(", ") || "–"],
              ["Restarts", String(process.restarts)],
            ]}
          />
        </section>
      ))}
      {asked && (
        <Confirm
          opened
          onClose={() => ask(undefined)}
          title={`Restart ${asked.name}?`}
          action="Restart"
          command={`./devflow restart ${asked.name}`}
          run={async () => {
            await call(`/api/platform/processes/${asked.name}/restart`, { method: "POST" });
            notifications.show({ message: `${asked.name} is restarting.` });
          }}
        >
          Whoever uses it now has to wait until it is ready again. Its data stays.
          {asked.name === "platform" && " This dashboard is part of it and reconnects by itself."}
        </Confirm>
      )}
    </div>
  );
}
