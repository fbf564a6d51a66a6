import type { Step } from "../translate/chat.ts";
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
  const steps = stepsOfStream(asked, stream.text);
  const said = joined(steps);
  const form = guarding.form ? formOf(asked) : undefined;
  if (form) demandForm(form, said.text);
  const text = guardText(guarding, "answer", said.text, "assistant", noted);
  const calls = said.calls.map((one) => ({
    ...one,
    text: guardText(guarding, "answer", one.text, "assistant", noted),
  }));
  if (text === said.text && calls.every((one, at) => one.text === said.calls[at]?.text)) return stream.text;
  const writer = clientWriter(asked, stream.model);
  if (!writer) {
    throw new CallError(
      400,
      "guardrail_blocked",
      "Something had to be taken out of the answer, which cannot be done in this API's streams.",
    );
  }
  const now: Step[] = [
    ...(text ? [{ is: "text" as const, text }] : []),
    ...calls.flatMap(({ index, id, name, text: given }): Step[] => [
      { is: "call", index, id, name },
      { is: "arguments", index, text: given },
    ]),
    { is: "finish", reason: said.finish },
  ];
  return now.map((step) => writer.write(step)).join("") + writer.end(stream.tokens);
}

function joined(steps: readonly Step[]) {
  const calls: { index: number; id: string; name: string; text: string }[] = [];
  let text = "";
  let finish: Extract<Step, { is: "finish" }>["reason"] = "stop";
  for (const step of steps) {
    if (step.is === "text") text += step.text;
    else if (step.is === "finish") finish = step.reason;
    else if (step.is === "call") calls.push({ index: step.index, id: step.id, name: step.name, text: "" });
    else {
      const call = calls.find(({ index }) => index === step.index);
      if (call) call.text += step.text;
    }
  }
  return { text, calls, finish };
}

/** Its answers are JSON with texts. */
function speaks({ surface }: Asked): boolean {
  return surface === "chat" || surface === "responses" || surface === "messages" || surface === "completions";
}
