import { type Html, html } from "../../kit/html.ts";
import type { ComponentStatus, Progress, Run, State, Status } from "../schemas.ts";
import { bytes, duration } from "./units.ts";

/** The whole page around the fragment that the script replaces every two seconds. */
export function statusPage(status: Status): Html {
  return html`<main id="content" class="wide">
<div id="offline" class="notice failed" role="alert" hidden></div>
<div id="status" data-checked="${status.checkedAt}">${statusFragment(status)}</div>
<noscript><p class="quiet">This page shows the state when it was loaded. Reload it to see the present one.</p></noscript>
</main>`;
}

/** What changes: also answered alone by `/api/platform/status` to who asks for HTML. */
export function statusFragment(status: Status): Html {
  return html`
<div class="head">
<h1>${headline(status)}</h1>
<p class="quiet">${status.totals.processes > 0 && html`${status.totals.processes} processes · ${bytes(status.totals.memory)} · ${status.totals.cpu} % of one core · `}DevFlow ${status.version}</p>
</div>
${!status.supervisor.reachable && away(status.supervisor.reason)}
${status.run && runNotice(status.run)}
${status.components.length > 0 ? table(status.components) : status.supervisor.reachable && empty()}`;
}

function headline(status: Status): string {
  const ready = status.components.filter((component) => component.state === "ready").length;
  const all = status.components.length;
  if (!status.supervisor.reachable) return "The platform's state is not known";
  if (all === 0) return "Nothing runs yet";
  if (ready === all) return "Everything is well";
  if (status.state === "failed" || status.state === "degraded") {
    const ill = status.components.filter(({ state }) => state === "failed" || state === "degraded");
    return ill.length === 1 ? `${ill[0]?.name} needs attention` : `${ill.length} components need attention`;
  }
  return `${ready} of ${all} components are ready`;
}

function away(reason: string | null): Html {
  return html`<div class="notice failed" role="status"><strong>${reason ?? "The supervisor does not answer."}</strong>
<p>Components may run all the same, but their state cannot be told and nothing restarts them.
Start it again with <code>./devflow up</code>; <code>./devflow doctor</code> says what is wrong.</p></div>`;
}

function empty(): Html {
  return html`<div class="notice"><strong>No component has been started.</strong>
<p>Start the platform with <code>./devflow up</code>.</p></div>`;
}

function runNotice(run: Run): Html | false {
  if (run.state === "succeeded") return false;
  const done = run.steps.filter((step) => step.state === "done").length;
  if (run.state === "running") {
    return html`<div class="notice" role="status"><strong><code>${run.command}</code> is running.</strong> ${done} of ${run.steps.length} steps done.</div>`;
  }
  const failed = run.steps.filter((step) => step.state === "failed").map((step) => step.name);
  return html`<div class="notice degraded" role="status"><strong>The last <code>${run.command}</code> ${run.state === "failed" ? "failed" : "was interrupted"}${failed.length > 0 && ` at ${failed.join(", ")}`}.</strong>
<p>Run <code>./devflow ${run.command}</code> again to resume where it stopped.</p></div>`;
}

function table(components: ComponentStatus[]): Html {
  return html`<table>
<caption class="hidden">Components</caption>
<thead><tr><th scope="col">Component</th><th scope="col">State</th><th scope="col" class="optional">Version</th><th scope="col" class="number">Memory</th><th scope="col" class="number optional">CPU</th><th scope="col" class="optional">Since</th></tr></thead>
<tbody>${components.map(row)}</tbody>
</table>`;
}

function row(component: ComponentStatus): Html {
  const { name, state, address, memory, cpu, since } = component;
  const restarts = component.processes.reduce((sum, process) => sum + process.restarts, 0);
  return html`<tr>
<th scope="row"><span class="component">${name}</span>${address && html`<a class="address" id="open-${name}" href="${address}">${address.replace(/^https?:\/\//, "")}</a>`}</th>
<td>${badge(state)}${component.progress && bar(component.progress)}${component.reason && html`<span class="reason">${component.reason}</span>`}${restarts > 0 && html`<span class="reason">restarted ${restarts === 1 ? "once" : `${restarts} times`}</span>`}</td>
<td class="optional">${component.version}</td>
<td class="number">${memory === null ? "–" : bytes(memory)}</td>
<td class="number optional">${cpu === null ? "–" : `${cpu} %`}</td>
<td class="optional">${since === null ? "–" : html`<time datetime="${since}" title="${since}">${duration((Date.now() - Date.parse(since)) / 1000)}</time>`}</td>
</tr>`;
}

/** Shape and word tell the state too, not only colour. The shapes are those of the dashboard. */
const shapes: Record<State, Html> = {
  ready: html`<circle cx="5" cy="5" r="4" fill="currentColor"/>`,
  starting: ring(),
  preparing: ring(),
  waiting: html`<circle cx="5" cy="5" r="3.3" fill="none" stroke="currentColor" stroke-width="1.5"/>`,
  degraded: html`<path d="M5 .8 9.5 9H.5z" fill="currentColor"/>`,
  failed: html`<rect x="1" y="1" width="8" height="8" rx="1" fill="currentColor"/>`,
  stopped: html`<circle cx="5" cy="5" r="3.3" fill="none" stroke="currentColor" stroke-width="1.5"/>`,
  unknown: html`<path d="M1.5 5h7" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
};

function ring(): Html {
  return html`<circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5" opacity=".35"/><path d="M5 1.5A3.5 3.5 0 0 1 8.5 5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>`;
}

function badge(state: State): Html {
  return html`<span class="state ${state}"><svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">${shapes[state]}</svg><span>${state}</span></span>`;
}

function bar({ phase, percent, eta, note }: Progress): Html {
  const words = [phase, percent !== null && `${percent} %`, eta !== null && `about ${duration(eta)} left`].filter(
    Boolean,
  );
  return html`<span class="progress">${percent !== null && html`<progress max="100" value="${percent}" aria-label="${phase}">${percent} %</progress>`}<span class="reason">${words.join(" · ")}${note && html`, ${note}`}</span></span>`;
}
