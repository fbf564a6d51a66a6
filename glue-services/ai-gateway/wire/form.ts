import { CallError } from "./call-error.ts";

/** A form with files. Only its field `model` is looked at; files pass as they are. */
export interface Form {
  model: string;
  /** Where the model stands in the bytes. */
  from: number;
  to: number;
  boundary: string;
}

/** Parts of a form, and bytes of a part's head, at most. */
const bounds = { parts: 500, head: 4096 };
const [crlf, gap, dashes] = ["\r\n", "\r\n\r\n", "--"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

/**
 * Reads a form by the letter of RFC 7578. Servers differ in how they read a form that is not: one keeps the first of two
 * models, another the last; one takes a bare line feed for a line's end. Such a form would be judged by one model and run
 * with another, so it is refused.
 *
 * @throws CallError when it is no form, or does not have exactly one field `model`
 */
export function readForm(form: Buffer, contentType: string): Form {
  const boundary = boundaryOf(contentType);
  const mark = Buffer.from(`--${boundary}`);
  let found: Form | undefined;
  if (form.indexOf(mark) !== 0) throw invalid("it does not begin with its boundary");
  for (let at = 0, parts = 0; ; parts++) {
    const begin = at + mark.length;
    if (form.subarray(begin, begin + 2).equals(dashes)) {
      const rest = form.toString("latin1", begin + 2, begin + 6);
      if (rest !== "" && rest !== "\r\n") throw invalid("something follows its end");
      break;
    }
    const next = form.indexOf(mark, begin);
    const head = form.indexOf(gap, begin);
    if (parts === bounds.parts) throw invalid("it has too many parts");
    if (next === -1) throw invalid("it has no end");
    if (!form.subarray(begin, begin + 2).equals(crlf) || !form.subarray(next - 2, next).equals(crlf)) {
      throw invalid("its boundary stands within a line");
    }
    if (head === -1 || head + gap.length > next - 2 || head - begin > bounds.head) {
      throw invalid("a part of it has no head");
    }
    const { name, isFile } = dispositionOf(form.toString("latin1", begin + 2, head));
    if (name.trim().toLowerCase() === "model") {
      if (found) throw new CallError(400, "invalid_form", "The form must name one model, not several.");
      if (name !== "model" || isFile) throw invalid("its model is no plain field");
      const [from, to] = [head + gap.length, next - 2];
      found = { model: form.toString("utf8", from, to), from, to, boundary };
    }
    at = next;
  }
  if (!found) throw new CallError(400, "model_missing", "The form must have a field named model.");
  return found;
}

/** The form with another model in it. */
export function renameInForm(form: Buffer, contentType: string, model: string): Buffer {
  const { from, to } = readForm(form, contentType);
  return Buffer.concat([form.subarray(0, from), Buffer.from(model), form.subarray(to)]);
}

function boundaryOf(contentType: string): string {
  const found = [...contentType.matchAll(/;\s*boundary=(?:"([^"]*)"|([^;\s"]*))/gi)];
  const boundary = found[0]?.[1] ?? found[0]?.[2] ?? "";
  if (found.length === 1 && /^[A-Za-z0-9'()+_,./:=?-]{1,70}$/.test(boundary)) return boundary;
  throw new CallError(400, "invalid_form", "The form's content type has no boundary.");
}

/** Some clients leave the quotes out. */
function dispositionOf(head: string): { name: string; isFile: boolean } {
  const lines = head.split("\r\n");
  const dispositions = lines.filter((line) => /^content-disposition\s*:/i.test(line));
  const [line = ""] = dispositions;
  const names = [...line.matchAll(/;\s*name=(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/gi)];
  const broken = lines.some((one) => /[\r\n\0]/.test(one) || /^[ \t]/.test(one));
  if (broken || dispositions.length !== 1 || names.length !== 1 || /;\s*name\*/i.test(line)) {
    throw invalid("a part of it has no name, or several");
  }
  return { name: names[0]?.[1] ?? names[0]?.[2] ?? "", isFile: /;\s*filename\*?=/i.test(line) };
}

function invalid(why: string): CallError {
  return new CallError(400, "invalid_form", `The form cannot be read: ${why}.`);
}
