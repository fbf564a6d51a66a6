import type { FastifyReply } from "fastify";
import { type Html, html } from "../../kit/html.ts";

export interface Page {
  title: string;
  /** Which entry of the top bar is the current one. */
  at: "status" | "docs";
  body: Html;
  /** Path of a script of ours. */
  script?: string;
}

/** Nothing but our own style, script, pictures and data; no other page may frame it. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Sends a whole page. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply
    .headers({
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cache-control": "no-cache",
    })
    .type("text/html; charset=utf-8")
    .send(layout(page).source);
}

function layout(page: Page): Html {
  const link = (key: Page["at"], address: string, name: string) =>
    html`<a href="${address}"${page.at === key ? html` aria-current="page"` : ""}>${name}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · DevFlow</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/platform.css">
${page.script && html`<script src="${page.script}" type="module"></script>`}
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar">
<a class="name" href="/"><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path d="M3 4h6.5a6 6 0 0 1 0 12H3M3 10h9" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg> DevFlow</a>
<nav aria-label="Main">${link("status", "/", "Status")}${link("docs", "/docs/", "Docs")}</nav>
</header>
${page.body}
</body>
</html>
`;
}
