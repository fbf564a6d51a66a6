import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Parser } from "htmlparser2";

/** What is taken of one list: the standard's own bounds for a sitemap (sitemaps.org), packed or not. */
export const listLimits = { bytes: 50 * 1024 * 1024, addresses: 50_000, maps: 500, length: 2048, elements: 1_000_000 };

/** Addresses that a list of them names. */
export interface ReadAddresses {
  addresses: string[];
  /** Further lists. */
  maps: string[];
}

/**
 * The addresses of a sitemap (XML or lines, packed or not), scanned as it comes: no tree is made of it, so that its memory
 * is that of the addresses it names.
 */
export async function readSitemap(body: Uint8Array): Promise<ReadAddresses> {
  const [addresses, maps] = [new Set<string>(), new Set<string>()];
  const scan = scanner(addresses, maps);
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const part of parts(body)) {
      bytes += part.length;
      if (bytes > listLimits.bytes || scan(decoder.decode(part, { stream: true })) === "full") break;
    }
  } catch {
    // A packed map that breaks off is read as far as it goes: it is a help, not a promise.
  }
  scan("\n");
  return { addresses: [...addresses], maps: [...maps] };
}

/** The links of an llms.txt (llmstxt.org), which is Markdown. */
export function readLinks(body: Uint8Array, address: string): ReadAddresses {
  const found = new Set<string>();
  // Bounded pieces: an opening bracket without its end costs no more than they are long.
  const link = /\[[^[\]\n]{0,500}\]\(\s{0,9}<?([^)\s>]{1,2048})/g;
  for (const [, href = ""] of Buffer.from(body).toString("utf8").matchAll(link)) {
    if (found.size >= listLimits.addresses) break;
    if (URL.canParse(href, address)) found.add(new URL(href, address).href);
  }
  return { addresses: [...found], maps: [] };
}

/** Parts small enough that a bound is seen in time; a packed map is unpacked part by part. */
async function* parts(body: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 64 * 1024;
  if (body[0] === 0x1f && body[1] === 0x8b) {
    yield* Readable.from([Buffer.from(body.buffer, body.byteOffset, body.length)]).pipe(
      createGunzip({ chunkSize: size }),
    );
    return;
  }
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

type Scan = (text: string) => "full" | undefined;

function scanner(addresses: Set<string>, maps: Set<string>): Scan {
  let scan: Scan | undefined;
  return (text) => {
    if (!scan && text.trim() !== "") scan = /^[\s\ufeff]*</.test(text) ? ofXml(addresses, maps) : ofLines(addresses);
    return scan?.(text);
  };
}

function ofXml(addresses: Set<string>, maps: Set<string>): Scan {
  let inside: Set<string> | undefined;
  let written: string | undefined;
  let elements = 0;
  const parser = new Parser(
    {
      onopentagname(name) {
        elements++;
        const local = localName(name);
        if (local === "url") inside = addresses;
        else if (local === "sitemap") inside = maps;
        // An image's or a video's own address is no page.
        written = local === "loc" && !/^(?:image|video|news):/i.test(name) && inside ? "" : undefined;
      },
      ontext(text) {
        if (written !== undefined && written.length <= listLimits.length) written += text;
      },
      onclosetag(name) {
        if (localName(name) !== "loc" || written === undefined) return;
        keep(inside, written);
        written = undefined;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  return (text) => {
    parser.write(text);
    return addresses.size >= listLimits.addresses || elements > listLimits.elements ? "full" : undefined;
  };

  function keep(to: Set<string> | undefined, text: string): void {
    if (to && to.size < (to === maps ? listLimits.maps : listLimits.addresses)) add(to, text);
  }
}

function ofLines(addresses: Set<string>): Scan {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, listLimits.length + 1);
    for (const line of lines) if (addresses.size < listLimits.addresses) add(addresses, line);
    return addresses.size >= listLimits.addresses ? "full" : undefined;
  };
}

function add(to: Set<string>, written: string): void {
  const address = written.trim();
  if (
    address.length > 0 &&
    address.length <= listLimits.length &&
    /^https?:\/\//i.test(address) &&
    URL.canParse(address)
  )
    to.add(address);
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1).toLowerCase();
}
