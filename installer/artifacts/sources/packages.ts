import type { PackageSource } from "../../../components/catalogue/index.ts";
import { registryUrl } from "../registry.ts";
import type { Run } from "../run.ts";
import { Skipped } from "../skipped.ts";

/** Address of the one file of a package that the catalogue pins. */
export async function packageUrl(source: PackageSource, run: Run, signal: AbortSignal): Promise<string> {
  const address = await registryUrl(source.purl, run.settings.mirrors);
  return source.kind === "pypi" ? wheelUrl(address, source.file, run, signal) : address;
}

/** Finds a file in a package's index page: JSON (PEP 691) where the server has it, else HTML (PEP 503). */
async function wheelUrl(page: string, file: string, run: Run, signal: AbortSignal): Promise<string> {
  const accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
  const answer = await run.web.get(page, { signal, headers: { accept } });
  const text = await answer.body.text();
  const links = answer.header("content-type")?.includes("json") ? linksOfJson(text) : linksOfHtml(text);
  for (const link of links) {
    const url = new URL(link, answer.url);
    if (decodeURIComponent(url.pathname).endsWith(`/${file}`)) return withCredentialsOf(page, url);
  }
  throw new Skipped(`the index at ${new URL(answer.url).host} does not have ${file}`);
}

function linksOfJson(text: string): string[] {
  try {
    const { files } = JSON.parse(text) as { files?: { url?: unknown }[] };
    return (files ?? []).map((file) => file.url).filter((url) => typeof url === "string");
  } catch (cause) {
    throw new Skipped("its index page is not valid JSON", { cause });
  }
}

function linksOfHtml(text: string): string[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)].map(([, href]) =>
    (href ?? "").replaceAll("&amp;", "&"),
  );
}

/** A private index that wants a password wants it for its files too, but no other host shall see it. */
function withCredentialsOf(page: string, url: URL): string {
  const index = new URL(page);
  if (index.host === url.host) {
    url.username = index.username;
    url.password = index.password;
  }
  url.hash = "";
  return url.href;
}
