import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
type Rule = NonNullable<typeof markdown.renderer.rules.text>;

/** Opens beside the page, without telling the site where its reader came from. */
const link: Rule = (tokens, at, options, _env, self) => {
  const token = tokens[at];
  if (/^[a-z]+:/i.test(String(token?.attrGet("href")))) {
    token?.attrSet("rel", "noreferrer noopener");
    token?.attrSet("target", "_blank");
  }
  return self.renderToken(tokens, at, options);
};

/** A picture of another site would tell that site who reads; it is a link instead. */
const picture: Rule = (tokens, at) => {
  const token = tokens[at];
  const address = String(token?.attrGet("src") ?? "");
  const words = markdown.utils.escapeHtml(token?.content || address);
  return `<a href="${markdown.utils.escapeHtml(address)}" rel="noreferrer noopener" target="_blank">${words}</a>`;
};

markdown.renderer.rules.link_open = link;
markdown.renderer.rules.image = picture;
// What is wider than the page scrolls by itself, and must be reachable by keyboard for that.
markdown.renderer.rules.table_open = () =>
  '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n';
markdown.renderer.rules.table_close = () => "</table></div>\n";
for (const kind of ["fence", "code_block"] as const) {
  const usual = markdown.renderer.rules[kind];
  markdown.renderer.rules[kind] = (...args) => usual?.(...args).replace("<pre>", '<pre tabindex="0">') ?? "";
}
// Headings of a text stand below those of the page.
for (const kind of ["heading_open", "heading_close"] as const) {
  markdown.renderer.rules[kind] = (tokens, at, options, _env, self) => {
    const token = tokens[at];
    if (token) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
    return self.renderToken(tokens, at, options);
  };
}

/** Markdown to HTML in which nothing can run: HTML of the source is text, and `javascript:` is no link. */
export function renderMarkdown(source: string): string {
  return markdown.render(source);
}
