import { type Html, html } from "../../kit/html.ts";

/** One form on a page of its own: a heading, what it is for, fields and a button. Works without any of our scripts' looks. */
export interface FormPage {
  title: string;
  /** One or two sentences. */
  lead: string;
  fields: Field[];
  button: string;
  /** Tells the script what to send where. */
  form: "welcome" | "sign-in" | "reset" | "join";
  below?: Html;
}

export interface Field {
  name: string;
  label: string;
  type: "text" | "email" | "password";
  autocomplete: string;
  hint?: string;
  /** Characters it must have. */
  least?: number;
  /** Shown only once it is asked for. */
  later?: boolean;
}

export function formPage({ title, lead, form, fields, button, below }: FormPage): string {
  return page(
    title,
    html`<h1>${title}</h1>
<p class="lead">${lead}</p>
<form method="post" data-form="${form}" novalidate>
<p class="problem" role="alert" id="problem" tabindex="-1" hidden></p>
${fields.map(field)}
<button type="submit">${button}</button>
</form>
${below}`,
  );
}

/** The dashboard's own mark (dashboard/web/src/shell/logo.tsx). */
const logo = html`<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"><path d="M3 4h6.5a6 6 0 0 1 0 12H3"/><path d="M3 10h9"/></svg>`;

/** What all of these pages have around them. */
export function page(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · DevFlow</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/identity.css">
<script src="/assets/identity.js" type="module"></script>
</head>
<body>
<main>
<p class="name">${logo} DevFlow</p>
${content}
<noscript><p class="problem">This page needs JavaScript.</p></noscript>
</main>
</body>
</html>
`.source;
}

/** A field with its label, and room below for what is wrong with it. */
export function field({ name, label, type, autocomplete, hint, later, least }: Field): Html {
  const described = [`${name}-wrong`, ...(hint ? [`${name}-hint`] : [])].join(" ");
  const input = html`<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${later ? "" : html` required`}${least ? html` minlength="${least}"` : ""} aria-describedby="${described}">`;
  return html`<div class="field" data-field="${name}"${later ? html` hidden` : ""}>
<label for="${name}">${label}</label>
${
  type === "password"
    ? html`<div class="secret">${input}<button type="button" class="show" data-shows="${name}" aria-label="Show the characters" aria-pressed="false" hidden>Show</button></div>`
    : input
}
<p class="wrong" id="${name}-wrong" aria-live="polite" hidden></p>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
</div>`;
}
