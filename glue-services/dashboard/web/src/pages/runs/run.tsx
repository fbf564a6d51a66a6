import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { duration } from "../../../../../platform/pages/units.ts";
import { type RunComponent, type RunDetail, type RunStep, runQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Prose } from "../../parts/prose.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { took } from "./runs.tsx";

/** One run: what it planned, how far it is, what failed and what to do about it. */
export function RunPage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({
    ...runQuery(id),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 1000 : false),
  });
  return <Answer query={query}>{(run) => <Content run={run} />}</Answer>;
}

function Content({ run }: { run: RunDetail }) {
  const { changes, steps } = run;
  return (
    <Page
      title={`${run.command}, ${words[run.state]}`}
      lead={
        <span className="row facts-line">
          <StateMark state={run.state} />
          <span>
            started <Ago at={run.startedAt} />
          </span>
          {run.endedAt && <span>took {took(run)}</span>}
          <span>DevFlow {run.version}</span>
          <span className="quiet">{run.id}</span>
        </span>
      }
      actions={<Link to="/runs">All runs</Link>}
    >
      {run.state === "running" && (
        <div className="run-progress">
          <Progress value={(100 * steps.done) / Math.max(1, steps.total)} aria-label="Steps done" />
          <span className="quiet">
            {steps.done} of {steps.total} steps done
          </span>
        </div>
      )}
      {run.error && (
        <section className="notice notice-bad" role="alert">
          <Icon name="warning" />
          <div>
            <h2>
              {run.error.component || run.command} failed{run.error.step && ` at ${run.error.step}`}
            </h2>
            <p className="reason">{run.error.message}</p>
            {run.error.hint && (
              <p>
                <Prose>{run.error.hint}</Prose>
              </p>
            )}
            <p className="row">
              {run.error.component && (
                <Link to="/components/$name" params={{ name: run.error.component }} search={{ tab: "logs" }}>
                  Read its log
                </Link>
              )}
              <Command label="Resume it:">{`./devflow ${run.command}`}</Command>
            </p>
          </div>
        </section>
      )}
      <Section title="Plan" aside={<span className="quiet">{planned(changes)}</span>}>
        <div className="run-components">
          {run.components.map((component) => (
            <Component key={component.name} component={component} />
          ))}
        </div>
      </Section>
    </Page>
  );
}

const words: Record<RunDetail["state"], string> = {
  running: "running now",
  succeeded: "done",
  failed: "failed",
  interrupted: "interrupted",
};

function planned({ create, update, replace, delete: remove, same }: RunDetail["changes"]): string {
  return [
    `+ ${create} to create`,
    `~ ${update} to change`,
    ...(replace ? [`± ${replace} to replace`] : []),
    `− ${remove} to remove`,
    `${same} as they are`,
  ].join(" · ");
}

function Component({ component }: { component: RunComponent }) {
  const { name, version, state, steps } = component;
  const busy = steps.find((step) => step.state === "running" && step.progress);
  return (
    <details className="run-component" open={state === "failed" || state === "running"}>
      <summary>
        <Icon name="right" size={12} />
        <strong>{name}</strong>
        <span className="quiet">{version}</span>
        <StateMark state={state} />
        <span className="quiet run-note">{busy ? progress(busy) : took(component)}</span>
      </summary>
      <table className="table">
        <caption className="visually-hidden">Steps of {name}</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Operation</th>
            <th scope="col">State</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={`${step.kind} ${step.name}`}>
              <th scope="row">
                {step.kind} <span className="quiet">{step.name === name ? "" : step.name}</span>
                {step.message && <div className="reason">{step.message}</div>}
                {step.hint && (
                  <div className="quiet">
                    <Prose>{step.hint}</Prose>
                  </div>
                )}
              </th>
              <td className="quiet">{step.operation}</td>
              <td>
                <StateMark state={step.state} />
                {step.progress && <span className="quiet"> {progress(step)}</span>}
              </td>
              <td className="number quiet">{took(step)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function progress({ progress: at }: RunStep): string {
  if (!at) return "";
  return [at.phase, at.percent !== null && `${at.percent} %`, at.eta !== null && `about ${duration(at.eta)} left`]
    .filter(Boolean)
    .join(" · ");
}
