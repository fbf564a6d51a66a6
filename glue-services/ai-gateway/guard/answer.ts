import { type Part, type Step, textsOf } from "../translate/model.ts";
import { collect, stepsOf } from "../translate/settle.ts";
import { clientWriter, stepsOfStream, textOfAnswer } from "../translate/translate.ts";
import type { Tokens } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";
import type { Asked } from "../wire/shape.ts";
import { demandForm, formOf } from "./form.ts";
import { type Guarding, guardText, type Noted } from "./guarding.ts";
import { changeTexts } from "./texts.ts";

/** A question as the model may have it. @throws CallError guardrail_blocked */
export function guardQuestion(guarding: Guarding, asked: Asked, noted: Noted[]): Asked {
  if (guarding.question.length === 0) return asked;
  const body = changeTexts(asked.body, (text, role) => guardText(guarding, "question", text, role, noted));
  return body === asked.body ? asked : { ...asked, body, raw: Buffer.from(JSON.stringify(body)) };
}

/** Whether streams of answers are looked at, and so kept until they are whole. */
export function looksAtAnswers(guarding: Guarding | undefined, asked: Asked): guarding is Guarding {
  if (!guarding) return false;
  return guarding.answer.length > 0 || (guarding.form && formOf(asked) !== undefined);
}

/** A whole answer as the client may have it. @throws CallError guardrail_blocked, schema_mismatch */
export function guardWhole(guarding: Guarding, asked: Asked, body: Buffer | string, noted: Noted[]): Buffer | string {
  if (!speaks(asked)) return body;
  const form = guarding.form ? formOf(asked) : undefined;
  if (form) demandForm(form, textOfAnswer(asked, Buffer.from(body)));
  const answer = JSON.parse(body.toString()) as object;
  const now = changeTexts(answer, (text, role) => guardText(guarding, "answer", text, role, noted));
  return now === answer ? body : JSON.stringify(now);
}

/** A whole stream, as text, as the client may have it. @throws CallError guardrail_blocked, schema_mismatch */
export function guardStream(
  guarding: Guarding,
  asked: Asked,
  stream: { text: string; model: string; tokens: Tokens },
  noted: Noted[],
): string {
  const { parts, finish } = collect(stepsOfStream(asked, stream.text));
  const form = guarding.form ? formOf(asked) : undefined;
  if (form) demandForm(form, textsOf(parts));
  const guarded = parts.map((part) => guardPart(guarding, part, noted));
  if (guarded.every((part, at) => part === parts[at])) return stream.text;
  const writer = clientWriter(asked, stream.model);
  if (!writer) {
    throw new CallError(
      400,
      "guardrail_blocked",
      "Something had to be taken out of the answer, which cannot be done in this API's streams.",
    );
  }
  const steps: Step[] = [...stepsOf(guarded), { is: "finish", reason: finish }];
  return steps.map((step) => writer.write(step)).join("") + writer.end(stream.tokens);
}

/** The same part when nothing in it changed. */
function guardPart(guarding: Guarding, part: Part, noted: Noted[]): Part {
  if (part.is === "media" || part.is === "result") return part;
  const said = part.is === "call" ? part.arguments : part.text;
  const text = guardText(guarding, "answer", said, "assistant", noted);
  if (text === said) return part;
  if (part.is === "call") return { ...part, arguments: text };
  // What its maker signed is no longer what it says.
  return part.is === "reasoning" ? { is: "reasoning", text } : { ...part, text };
}

/** Its answers are JSON with texts. */
function speaks({ surface }: Asked): boolean {
  return surface === "chat" || surface === "responses" || surface === "messages" || surface === "completions";
}
