import { CallError } from "./call-error.ts";

/** What a form with files names as its model: only that is looked at, the files pass as they are. */
export function modelInForm(form: Buffer, contentType: string): string | undefined {
  const place = placeOfModel(form, contentType);
  return place && form.toString("utf8", place.from, place.to);
}

/** The form with another model in it. */
export function renameInForm(form: Buffer, contentType: string, model: string): Buffer {
  const place = placeOfModel(form, contentType);
  if (!place) return form;
  return Buffer.concat([form.subarray(0, place.from), Buffer.from(model), form.subarray(place.to)]);
}

const gap = Buffer.from("\r\n\r\n");

/** @throws CallError when it is no form */
function placeOfModel(form: Buffer, contentType: string): { from: number; to: number } | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType) ?? [];
  const boundary = Buffer.from(`--${quoted ?? plain ?? ""}`);
  if (boundary.length === 2) throw new CallError(400, "invalid_form", "The form's content type has no boundary.");
  for (let at = form.indexOf(boundary); at !== -1; ) {
    const next = form.indexOf(boundary, at + boundary.length);
    const head = form.indexOf(gap, at);
    if (next === -1 || head === -1) return undefined;
    const fields = form.toString("latin1", at, Math.min(head, at + 1024));
    // The line before a boundary ends with it.
    if (/;\s*name="model"/i.test(fields) && head < next) return { from: head + gap.length, to: next - 2 };
    at = next;
  }
  return undefined;
}
