import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Page = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** A web site for tests: a real server with the pages it is given. */
export interface Site {
  url: string;
  /** `localhost:port`, as the allow-list names it. */
  host: string;
  /** What it was asked for, in order. */
  asked: string[];
  pages: Record<string, Page>;
}

/** A text is served as HTML when it looks like it, else as plain text; `otherwise` answers what is not among the pages. */
export async function startSite(pages: Record<string, Page>, otherwise?: Page): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    const page = site.pages[path] ?? otherwise;
    if (page === undefined) return void response.writeHead(404, { "content-type": "text/html" }).end("<p>nothing</p>");
    if (typeof page === "function") return page(request, response);
    const type = page.startsWith("<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
    response.writeHead(200, { "content-type": path.endsWith(".xml") ? "application/xml" : type }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const site: Site = { url: `http://localhost:${port}`, host: `localhost:${port}`, asked, pages };
  return site;
}

/** A page with a title, a text and links. */
export function html(title: string, text: string, links: readonly string[] = [], head = ""): string {
  const list = links.map((href) => `<li><a href="${href}">${href}</a></li>`).join("");
  return `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body><nav><a href="/menu.png">menu of the site</a></nav>
    <main><h1>${title}</h1><p>${text}</p><ul>${list}</ul></main><footer>imprint</footer></body></html>`;
}
