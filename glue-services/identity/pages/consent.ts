import { html } from "../../kit/html.ts";
import { type AgentScope, agentScopes, useScope } from "../oauth/agents.ts";
import { organisationChoice } from "./organisation-choice.ts";
import { page } from "./page.ts";

/** What a person reads before they let a program act for them. */
export interface ConsentPage {
  /** What the program calls itself. */
  program: string;
  /** Site that vouches for the program, by a document there. */
  knownBy: string | undefined;
  /** Where the answer goes. */
  answersAt: { place: string; here: boolean };
  /** What it will open. */
  opens: string;
  person: { name: string; email: string };
  organisation: string;
  organisations: readonly { id: string; name: string }[];
  scopes: readonly AgentScope[];
}

export function consentPage(given: ConsentPage): string {
  const { program, knownBy, answersAt, opens, person, organisation, organisations, scopes } = given;
  return page(
    `Connect ${program}?`,
    html`<h1>Connect ${program}?</h1>
<p class="lead">It asks to act for you. ${
      knownBy ? "" : "Its name is what it says of itself. "
    }Agree only if you have just begun this.</p>
<form method="post" data-form="consent" data-organisation="${organisation}" novalidate>
<p class="problem" role="alert" id="problem" tabindex="-1" hidden></p>
<dl>
${knownBy && html`<dt>Program of</dt><dd>${knownBy}</dd>`}
<dt>Answers at</dt><dd>${answersAt.place}${answersAt.here ? html` <span class="soft">(a program on this computer)</span>` : ""}</dd>
<dt>Opens</dt><dd>${opens}</dd>
<dt>As</dt><dd>${person.name} <span class="soft">${person.email}</span></dd>
<dt><label for="organisation">Organisation</label></dt><dd>${organisationChoice(organisation, organisations)}</dd>
</dl>
<fieldset><legend>It may</legend>
${scopes.map(
  (scope) =>
    html`<label class="choice"><input type="checkbox" name="scope" value="${scope}" checked${
      scope === useScope ? html` disabled` : ""
    }> ${agentScopes[scope]}</label>`,
)}
</fieldset>
<p class="pair"><button type="button" class="quiet" id="deny">Cancel</button><button type="submit">Connect</button></p>
</form>
<p class="hint">Never more than you may yourself. You can disconnect it at any time on the page Account.</p>`,
  );
}

export function strangerPage(): string {
  return page(
    "Nothing to connect",
    html`<h1>Nothing to connect</h1>
<p class="lead">No program that is known here asked for this. Begin again in the program that you want to connect.</p>
<p class="other"><a href="/">To the platform</a></p>`,
  );
}
