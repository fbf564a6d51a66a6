import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { deadLettersQuery } from "../../dashboard/web/src/api/queries.ts";
import { useAddress } from "../../dashboard/web/src/parts/address.ts";
import { Page as Frame } from "../../dashboard/web/src/parts/page.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { Recent } from "./recent.tsx";

/** What services tell each other: what failed for good, and what happened lately. */
export function Page() {
  const [tab, setTab] = useAddress("tab");
  const letters = useQuery({ ...deadLettersQuery, refetchInterval: 10_000 });
  return (
    <Frame title="Events" lead="What services tell each other. Those that failed too often wait here.">
      <Tabs value={tab || "failed"} onChange={(next) => setTab(next ?? undefined)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="failed">
            Failed{letters.data && <span className="count">{letters.data.length}</span>}
          </Tabs.Tab>
          <Tabs.Tab value="recent">Recent</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="failed">
          <DeadLetters query={letters} />
        </Tabs.Panel>
        <Tabs.Panel value="recent">
          <Recent />
        </Tabs.Panel>
      </Tabs>
    </Frame>
  );
}
