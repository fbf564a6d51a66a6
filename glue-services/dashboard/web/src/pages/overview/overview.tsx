import { bytes } from "../../../../../platform/pages/units.ts";
import type { Status } from "../../api/queries.ts";
import { useStatus } from "../../api/use-status.ts";
import { stopped, useWaiting } from "../../api/use-waiting.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty, Lines } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Changes } from "./changes.tsx";
import { Components } from "./components.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { headline } from "./headline.ts";
import { Needs } from "./needs.tsx";
import type { FeedTold } from "./use-feed.ts";

const nothing: FeedTold = { needs: [], changes: [], steps: [], silent: [] };

/** Is everything well, what needs me, what changed; then every component. */
export function Overview() {
  const status = useStatus();
  // The steps stand above what runs: shown after it they would push it down.
  const { told } = useWaiting();
  return (
    <Answer query={status} skeleton={<Waiting />}>
      {(data) => (told ? <Content status={data} /> : <Waiting />)}
    </Answer>
  );
}

function Content({ status }: { status: Status }) {
  const { totals } = status;
  const { runs, letters, feed = nothing, waiting } = useWaiting();
  return (
    <Page
      title={headline(status, waiting, stopped(runs[0]))}
      lead={
        <>
          {status.supervisor.reachable &&
            `${totals.processes} processes · ${bytes(totals.memory)} · ${totals.cpu} % of one core · `}
          DevFlow {status.version} · checked <Ago at={status.checkedAt} />
        </>
      }
    >
      {status.components.length === 0 && status.supervisor.reachable ? (
        <Empty title="No component has been started" action={<Command>./devflow up</Command>}>
          Components are the programs that make up the platform: database, proxy, Git hosting. Start them on the machine
          itself.
        </Empty>
      ) : (
        <div className="overview">
          <div className="overview-waiting">
            <FirstSteps steps={feed.steps} />
            <Section title="Needs you">
              <Needs status={status} run={runs[0]} letters={letters} told={feed.needs} silent={feed.silent} />
            </Section>
          </div>
          {status.components.length > 0 && (
            <Section title="Components">
              <Components status={status} />
            </Section>
          )}
          <Section title="What changed">
            <Changes status={status} runs={runs} told={feed.changes} />
          </Section>
        </div>
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <div className="page">
      <Lines count={2} height={24} />
      <Lines count={8} height={32} />
    </div>
  );
}
