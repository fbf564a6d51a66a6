import { invalid } from "./fields.ts";
import { type Media, sameType } from "./model.ts";

/** How the pictures begin, in base64, that models of all makers read. */
const beginnings: readonly [string, string][] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];

/**
 * A picture as OpenAI's clients give it: an address of the web, or a data: address, of which some leave out the type.
 *
 * @param at its place in the request, as `messages[0].content[1].image_url.url`
 * @throws CallError invalid_request for what is no address
 */
export function pictureSource(url: string, at: string): Media["source"] {
  if (!/^data:/i.test(url)) {
    if (URL.canParse(url)) return { url };
    throw invalid(at, "must be a web address or data:image/png;base64,… of a picture.");
  }
  const comma = url.indexOf(",");
  const head = url.slice(5, comma);
  const data = url.slice(comma + 1);
  if (comma < 0 || data === "") throw invalid(at, "is a data: address without data.");
  const base64 = /;\s*base64\s*$/i.test(head) ? data : encoded(data, at);
  const given = (head.split(";")[0] ?? "").trim();
  if (/^image\//i.test(given)) return { mediaType: sameType(given), data: base64 };
  const mediaType = beginnings.find(([beginning]) => base64.startsWith(beginning))?.[1];
  if (mediaType === undefined)
    throw invalid(at, "does not say of which type the picture is: write data:image/png;base64,…");
  return { mediaType, data: base64 };
}

/** The bytes of a data: address that is percent-encoded, in base64. */
function encoded(data: string, at: string): string {
  const plain = data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if ([...plain].some((letter) => letter > "\u00ff"))
    throw invalid(at, "is a data: address with letters that stand for no bytes.");
  return Buffer.from(plain, "latin1").toString("base64");
}
