import type { Candidate } from "../routing/plan.ts";
import { CallError } from "../wire/call-error.ts";
import { estimate } from "../wire/estimate.ts";
import type { Asked, Shape, Surface } from "../wire/shape.ts";
import { type Ends, flowBetween, wholeBetween } from "./between.ts";
import { chatAnswers } from "./chat/answer-reader.ts";
import { chatAnswer, chatWriter } from "./chat/answer-writer.ts";
import { readChatRequest } from "./chat/request-reader.ts";
import { chatRequest, isMistral } from "./chat/request-writer.ts";
import { converseAnswers } from "./converse/answer-reader.ts";
import { converseRequest } from "./converse/request-writer.ts";
import type { Fields } from "./fields.ts";
import { type Habit, habitsOf } from "./habits.ts";
import { messagesAnswers } from "./messages/answer-reader.ts";
import { messagesAnswer, messagesWriter } from "./messages/answer-writer.ts";
import { readMessagesRequest } from "./messages/request-reader.ts";
import { messagesRequest } from "./messages/request-writer.ts";
import { type Answer, type AnswerReader, type ModelRequest, type Step, type StepWriter, textsOf } from "./model.ts";
import { legalised, type Rules, rules } from "./names.ts";
import { responsesAnswers } from "./responses/answer-reader.ts";
import { responsesAnswer, responsesWriter } from "./responses/answer-writer.ts";
import { readResponsesRequest } from "./responses/request-reader.ts";
import { responsesRequest } from "./responses/request-writer.ts";
import { collect, settle } from "./settle.ts";
import { type FormTool, formTool } from "./turns.ts";

/** How a provider is asked, and its answers read. */
interface ProviderSide {
  path(model: string, stream: boolean): string;
  headers: Record<string, string>;
  request(request: ModelRequest, candidate: Candidate, habits: ReadonlySet<Habit>, form: FormTool | undefined): string;
  /** @param form name of the tool by which an answer of a given form comes; undefined: the API has formats itself */
  answers(form: string | undefined): AnswerReader;
  /** Whether an answer of a given form is asked for by a tool. */
  formsByTool: boolean;
}

/** How a client asks, is answered, and how what it was sent is read again. */
interface ClientSide {
  read(body: Fields): ModelRequest;
  answer(answer: Answer, body: Fields): string;
  writer(id: string, asked: Asked, model: string): StepWriter;
  answers: AnswerReader;
}

const json = { "content-type": "application/json" };

const providers: Record<"chat" | "responses" | "anthropic" | "bedrock", ProviderSide> = {
  chat: {
    path: () => "/chat/completions",
    headers: json,
    request: chatRequest,
    answers: () => chatAnswers,
    formsByTool: false,
  },
  responses: {
    path: () => "/responses",
    headers: json,
    request: responsesRequest,
    answers: () => responsesAnswers,
    formsByTool: false,
  },
  anthropic: {
    path: () => "/messages",
    headers: { ...json, "anthropic-version": "2023-06-01" },
    request: messagesRequest,
    answers: messagesAnswers,
    formsByTool: true,
  },
  bedrock: {
    path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? "converse-stream" : "converse"}`,
    headers: json,
    request: converseRequest,
    answers: converseAnswers,
    formsByTool: true,
  },
};

const clients: Partial<Record<Surface, ClientSide>> = {
  chat: {
    read: readChatRequest,
    answer: chatAnswer,
    writer: (id, { body }, model) =>
      chatWriter(`chatcmpl-${id}`, model, (body.stream_options as Fields | null | undefined)?.include_usage === true),
    answers: chatAnswers,
  },
  messages: {
    read: readMessagesRequest,
    answer: messagesAnswer,
    writer: (id, asked, model) => messagesWriter(`msg_${id}`, model, estimate(asked).input),
    answers: messagesAnswers(),
  },
  responses: {
    read: readResponsesRequest,
    answer: responsesAnswer,
    writer: (id, { body }, model) => responsesWriter(`resp_${id}`, model, body),
    answers: responsesAnswers,
  },
};

/** For a provider that speaks another API than the client, by way of the neutral model (model.ts). @throws CallError */
export function translated(asked: Asked, candidate: Candidate): Shape {
  const { kind } = candidate.provider;
  const habits = habitsOf(candidate);
  const openai = habits.has("responses only") ? "responses" : "chat";
  const provider = providers[kind === "anthropic" || kind === "bedrock" ? kind : openai];
  const client = clients[asked.surface];
  if (!client) throw new CallError(400, "not_supported", `${candidate.id} cannot do ${asked.surface}.`);
  const { request, nameOf } = legalised(client.read(asked.body), rulesOf(candidate));
  const form = provider.formsByTool ? formTool(request.format, request.tools) : undefined;
  const settling = () => settle(nameOf, request.parallel === false);
  const ends = endsOf(client, asked, candidate.model, provider.answers(form?.name), settling);
  return {
    path: provider.path(candidate.model, asked.stream),
    body: provider.request({ ...request, stream: asked.stream }, candidate, habits, form),
    headers: provider.headers,
    whole: (body) => wholeBetween(ends, body),
    flow: () => flowBetween(ends),
  };
}

function rulesOf(candidate: Candidate): Rules {
  const { kind } = candidate.provider;
  if (kind === "anthropic" || kind === "bedrock" || kind === "openai") return rules[kind];
  return isMistral(candidate) ? rules.mistral : rules.other;
}

function endsOf(
  client: ClientSide,
  asked: Asked,
  model: string,
  answers: AnswerReader,
  settling: Ends["settle"] = settle,
): Ends {
  return {
    answers,
    settle: () => settling(),
    answer: (answer) => client.answer({ ...answer, model: answer.model || model }, asked.body),
    writer: () => client.writer(crypto.randomUUID(), asked, model),
    expected: () => estimate(asked).input,
  };
}

/** For an answer in the client's own API that came whole where a stream was asked, or the other way round. */
export function sameApi(asked: Asked, model: string): Ends | undefined {
  const client = clients[asked.surface];
  return client && endsOf(client, asked, model, client.answers);
}

/** Writes a stream in the API that a client speaks; undefined for one that has no translation. */
export function clientWriter(asked: Asked, model: string): StepWriter | undefined {
  return clients[asked.surface]?.writer(crypto.randomUUID(), asked, model);
}

/** What a stream in the client's API says. */
export function stepsOfStream({ surface }: Asked, text: string): Step[] {
  const reader = clients[surface]?.answers.reader();
  return reader ? [...reader.push(Buffer.from(text)), ...reader.rest()] : completionSteps(text);
}

/** The text of a whole answer in the client's API. */
export function textOfAnswer({ surface }: Asked, body: Buffer): string {
  const answers = clients[surface]?.answers;
  return answers ? textsOf(collect(answers.whole(JSON.parse(body.toString())).steps).parts) : "";
}

/** Of the API before chats, whose pieces stand in another place. */
function completionSteps(stream: string): Step[] {
  const texts = [...stream.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, data = ""]) => (JSON.parse(data) as { choices?: { text?: string }[] }).choices?.[0]?.text ?? "",
  );
  return [{ is: "text", text: texts.join("") }];
}
