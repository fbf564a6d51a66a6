import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type RunComponent, type RunDetail, type RunStep, runQuery } from "../../dashboard/web/src/api/queries.ts";
import { Ago } from "../../dashboard/web/src/parts/ago.tsx";
import { Answer } from "../../dashboard/web/src/parts/answers.tsx";
import { Command } from "../../dashboard/web/src/parts/command.tsx";
import { Icon } from "../../dashboard/web/src/parts/icon.tsx";
import type { DeclaredPage } from "../../dashboard/web/src/parts/lazy.ts";
import { Page as Frame, Section } from "../../dashboard/web/src/parts/page.tsx";
import { pageAt } from "../../dashboard/web/src/parts/page-at.ts";
import { Prose } from "../../dashboard/web/src/parts/prose.tsx";
import { StateMark } from "../../dashboard/web/src/parts/state-mark.tsx";
import { duration } from "../pages/units.ts";
import { took } from "./runs.page.tsx";

/** One run: what it planned, how far it is, what failed and what to do about it. */
export const Page: DeclaredPage = ({ params: { id = "" } }) => {
  const query = useQuery({
    ...runQuery(id),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 1000 : false),
  });
  return <Answer query={query}>{(run) => <Content run={run} />}</Answer>;
};

function Content({ run }: { run: RunDetail }) {
  const { changes, steps } = run;
  return (
    <Frame
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
      actions={<Link to={pageAt("/runs")}>All runs</Link>}
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
    </Frame>
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
