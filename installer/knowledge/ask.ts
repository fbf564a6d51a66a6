import { text as readAll } from "node:stream/consumers";
import { DevflowError } from "../../components/error.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { apiOf, type Citation, type Input, place, sourceIds } from "./input.ts";

export interface Answered {
  answered: boolean;
  answer: string;
  citations: (Citation & { number: number; heading: string })[];
  vectorsUsed: boolean;
  note?: string;
}

/** Prints an answer and the places it rests on. That there is none is an answer too. */
export async function ask(input: Input): Promise<Answered> {
  const { args, options, io } = input;
  const question = args.join(" ") || (process.stdin.isTTY ? "" : await readAll(process.stdin));
  if (question.trim() === "") {
    throw new DevflowError("USAGE", "There is no question.", { hint: "Write it after the command, or pipe it in." });
  }
  const api = await apiOf(input);
  const source = await sourceIds(api, options.source);
  const body = {
    question: question.trim(),
    ...(source.length > 0 && { source }),
    ...(options.tag && { tag: options.tag }),
  };
  const answering = api.send("/api/knowledge/ask", body, io.signal).then((answer) => answer.json());
  const answered = (await during(io, "Reading what was found", answering)) as Answered;
  if (io.json) return answered;
  io.out(`${answered.answer.trimEnd()}\n`);
  if (answered.citations.length > 0) io.out("\n");
  for (const one of answered.citations) io.out(`${paint(io, "dim", `[${one.number}] ${place(one)}`)}\n`);
  if (answered.note) io.err(`${paint(io, "dim", answered.note)}\n`);
  return answered;
}
