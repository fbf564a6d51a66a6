import { html } from "../../kit/html.ts";
import type { Waiting } from "../devices/device.ts";
import { organisationChoice } from "./organisation-choice.ts";
import { field, page } from "./page.ts";

/** What a person reads before they let a machine act for them. */
export interface DevicePage {
  code: string;
  waiting: Waiting;
  /** It asks from the address that the person's browser has. */
  here: boolean;
  person: { name: string; email: string };
  organisation: string;
  organisations: readonly { id: string; name: string }[];
}

export function devicePage({ code, waiting, here, person, organisation, organisations }: DevicePage): string {
  return page(
    "Sign in a machine?",
    html`<h1>Sign in a machine?</h1>
<p class="lead">A command line asks to act for you. Agree only if you have just typed this yourself and it shows the same code.</p>
<form method="post" data-form="device" data-code="${code}" data-organisation="${organisation}" novalidate>
<p class="problem" role="alert" id="problem" tabindex="-1" hidden></p>
<dl>
<dt>Code</dt><dd><strong class="code">${code}</strong></dd>
<dt>Calls itself</dt><dd>${waiting.name}</dd>
<dt>Asks from</dt><dd>${waiting.address} <span class="soft">${here ? "(where you are)" : "(not the address that you have)"}</span></dd>
<dt>As</dt><dd>${person.name} <span class="soft">${person.email}</span></dd>
<dt><label for="organisation">Organisation</label></dt><dd>${organisationChoice(organisation, organisations)}</dd>
</dl>
<fieldset><legend>It may</legend>
<label class="choice"><input type="radio" name="may" value="all" checked> do what you may</label>
<label class="choice"><input type="radio" name="may" value="read"> only read</label>
</fieldset>
<p class="pair"><button type="button" class="quiet" id="deny">Refuse</button><button type="submit">Sign it in</button></p>
</form>
<p class="hint">It stays signed in for 90 days. You can end that at any time on the page Account.</p>`,
  );
}

/** @param wrong what was given as a code, when nothing waits under it */
export function codePage(wrong: string | undefined): string {
  return page(
    "Sign in a machine",
    html`<h1>Sign in a machine</h1>
<p class="lead">Type the code that the command line shows there.</p>
<form method="get" action="/device" novalidate>
${wrong !== undefined && html`<p class="problem" role="alert">No machine waits under ${wrong}. A code is good for ten minutes and once.</p>`}
${field({ name: "code", label: "Code", type: "text", autocomplete: "off" })}
<button type="submit">Continue</button>
</form>`,
  );
}
