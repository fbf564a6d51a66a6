import { readFile } from "node:fs/promises";
import { html } from "../../kit/html.ts";
import type { App } from "../../kit/index.ts";
import { type Field, type FormPage, formPage } from "../pages/page.ts";
import { passwordLength } from "../password.ts";

const name: Field = { name: "name", label: "Your name", type: "text", autocomplete: "name" };
const email: Field = { name: "email", label: "E-mail address", type: "email", autocomplete: "username" };
const newPassword: Field = {
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "new-password",
  least: passwordLength.min,
  hint: `At least ${passwordLength.min} characters. Four or five unrelated words do well.`,
};

const pages: Record<string, FormPage> = {
  "/welcome": {
    title: "Welcome",
    lead: "You are the first here: this account may do everything, and invites the others.",
    form: "welcome",
    fields: [
      name,
      email,
      newPassword,
      { name: "organisation", label: "Organisation", type: "text", autocomplete: "organization" },
    ],
    button: "Create account",
  },
  "/sign-in": {
    title: "Sign in",
    lead: "One sign-in for the whole platform.",
    form: "sign-in",
    fields: [
      email,
      { name: "password", label: "Password", type: "password", autocomplete: "current-password" },
      {
        name: "code",
        label: "Code of your second factor",
        type: "text",
        autocomplete: "one-time-code",
        hint: "From your authenticator, or one of your backup codes.",
        later: true,
      },
    ],
    button: "Sign in",
    below: html`<p class="other"><button type="button" class="quiet" id="passkey" hidden>Use a passkey</button>
<button type="button" class="quiet" id="provider">Use my organisation's sign-on</button></p>
<p class="hint">Forgotten? On the platform's machine: <code>./devflow users reset you@example.com</code></p>`,
  },
  "/reset": {
    title: "New password",
    lead: "Everything that is signed in with the old one is signed out.",
    form: "reset",
    fields: [newPassword],
    button: "Save password",
  },
  "/join": {
    title: "Join",
    lead: "You are invited. If you have an account here already, give its password.",
    form: "join",
    fields: [name, newPassword],
    button: "Join",
  },
};

/** Only our own style, script and data; nothing may frame these pages, and no address that led here is told on. */
export const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** The pages that somebody who is not signed in needs. */
export async function pageRoutes(app: App): Promise<void> {
  const settings = { auth: "public", config: { quiet: true }, schema: { hide: true } } as const;
  for (const [address, page] of Object.entries(pages)) {
    const source = formPage(page);
    app.get(address, settings, async (_request, reply) =>
      reply.headers(pageHeaders).type("text/html; charset=utf-8").send(source),
    );
  }
  for (const [file, type] of [
    ["identity.css", "text/css; charset=utf-8"],
    ["identity.js", "text/javascript; charset=utf-8"],
  ] as const) {
    const content = await readFile(new URL(`../assets/${file}`, import.meta.url));
    app.get(`/assets/${file}`, settings, async (_request, reply) =>
      reply.headers({ "cache-control": "no-cache", "x-content-type-options": "nosniff" }).type(type).send(content),
    );
  }
}
