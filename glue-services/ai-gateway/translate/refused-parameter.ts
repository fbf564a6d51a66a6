import { errorOf } from "../wire/error-text.ts";

/** Codes that say that a parameter as such is refused, rather than its value. */
const codes =
  /^(unsupported|unknown|unrecognized|unexpected|extra|extraneous)_?(parameter|argument|field|forbidden|param)$/;

const name = String.raw`["'\x60]?([a-z](?:[\w.[\]]{0,80}[\w\]])?)(?![\w[\]])["'\x60]?`;
const unnamed = name.replace("([a-z]", "(?:[a-z]");
const thing = "(?:parameter|argument|field|name|key|property|input|keyword argument)";
const refuses =
  "(?:not supported|unsupported|not permitted|not allowed|not recogni[sz]ed|unrecogni[sz]ed|unknown|unexpected|deprecated)";
/** What depends on the rest of one request says nothing of the next. */
const always = String.raw`(?! ?(?:,? ?(?:when|if|unless|together|in combination|at the same|along|while|without|with (?!th[ei]|\w+ model|model))))`;
const model = String.raw`(?:(?:this|the)(?: \w+)? model|(?:the )?model \S{1,100}|["'\x60]?[\w./:@-]*[-\d./:@][\w./:@-]*["'\x60]?)`;

/** Ways in which servers say it: each begins the statement, so that no text of a caller can stand before it. */
const forms = [
  `(?:unsupported|unknown|unrecogni[sz]ed|unexpected|invalid|extra)(?: request)? ${thing}s?(?: supplied| provided| received| found)?:? ${name}`,
  `${thing}s? (?:is |are )?${refuses}(?: (?:on|by|for|with|in) (?:this|the)(?: \\w+)? model)?: ${name}`,
  `(?:the )?(?:${thing} )?${name}(?: mode| parameter| field| option| argument)?:? (?:is |are )?${refuses}${always}`,
  `${name}: extra (?:inputs?|fields?) (?:are |is )?not (?:permitted|allowed)`,
  `(?:${unnamed}: )?property ${name} is unsupported`,
  `(?:${unnamed}: )?${model} does not support (?:the )?(?:${thing}s?:? )?\\[?${name}`,
  `(?:please )?use ${unnamed} instead of ${name}`,
  `invalid json payload received\\. unknown name ${name}`,
  `additional properties are not allowed \\(${name} was unexpected\\)`,
  `\\S{1,100} got an unexpected keyword argument ${name}`,
  `malformed input request: \\S{0,40} ?extraneous key \\[${name}\\] is not permitted`,
].map((form) => new RegExp(`^${form}`, "i"));

/** What programs between the gateway and a model put in front of its words. */
const before =
  /^(?:provider returned error \(|(?:litellm\.)?\w*(?:error|exception): |\w+exception - |error code: \d+ - |\d{3}:? |'messages\.\d+' : for 'role:\w+' the following must be satisfied\[\('messages\.\d+' : )/i;

/**
 * The parameter that a server refuses as such, as `max_tokens` or `tools[0].function.strict`. Only what the error names
 * in a field of its own, or what a known form of words names at its beginning: text of a caller that a refusal repeats
 * is no evidence.
 *
 * @param sent the request as it was refused
 */
export function refusedParameter(refusal: Buffer, sent: string): string | undefined {
  const { code, param, place, message } = structured(refusal);
  if (param !== undefined && code !== undefined && codes.test(code)) return plain(param);
  if (place !== undefined) return plain(place);
  let said = message.trim();
  for (let at = 0; at < 3 && before.test(said); at++) said = said.replace(before, "");
  for (const form of forms) {
    const found = form.exec(said);
    if (found?.[1] === undefined) continue;
    if (letters(sent).includes(letters(found[0]))) return undefined;
    return plain(found[1]);
  }
  return undefined;
}

function structured(refusal: Buffer) {
  const { message = "", code, param } = errorOf(refusal);
  const place = /^[[{]/.test(refusal.toString("utf8", 0, 1)) ? placeOf(refusal) : undefined;
  return { message, code, param, place };
}

/** The place in an error of FastAPI's: `{"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]}`. */
function placeOf(refusal: Buffer): string | undefined {
  try {
    const { detail } = JSON.parse(refusal.toString("utf8")) as { detail?: { type?: unknown; loc?: unknown }[] };
    const found = Array.isArray(detail) ? detail.find((one) => one?.type === "extra_forbidden") : undefined;
    return Array.isArray(found?.loc) ? found.loc.join(".") : undefined;
  } catch {
    return undefined;
  }
}

/** `body.tools.0.function.strict` and `tools[0].function.strict` are one. */
function plain(place: string): string {
  return place
    .replace(/\[(\d+)\]/g, ".$1")
    .replace(/[a-z][A-Z]/g, ([low, high]) => `${low}_${high?.toLowerCase()}`)
    .replace(/^body\./, "")
    .replace(/\.$/, "");
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
