import type { Candidate } from "../routing/plan.ts";
import { CallError } from "../wire/call-error.ts";
import { estimate } from "../wire/estimate.ts";
import type { Asked, Flow, Shape, Surface } from "../wire/shape.ts";
import { fromMessages, messagesAnswer, messagesWriter } from "./anthropic-client.ts";
import { messagesReader, messagesRequest, readMessages } from "./anthropic-provider.ts";
import { converseReader, converseRequest, readConverse } from "./bedrock-provider.ts";
import type { ChatAnswer, ChatRequest, Step, StepReader, StepWriter } from "./chat.ts";
import { chatAnswer, chatWriter } from "./chat-client.ts";
import { chatReader, chatRequest, readChat } from "./chat-provider.ts";
import { fromResponses, responsesAnswer, responsesWriter } from "./responses-client.ts";
import { readResponses, responsesReader } from "./responses-stream.ts";

/** How a provider is asked, and its answers read. */
interface ProviderSide {
  path(model: string, stream: boolean): string;
  request(chat: ChatRequest): string;
  headers: Record<string, string>;
  read(body: Buffer, model: string): ChatAnswer;
  reader(): StepReader;
}

/** How a client asks, and is answered. */
interface ClientSide {
  chat(asked: Asked, model: string): ChatRequest;
  answer(answer: ChatAnswer): string;
  writer(id: string, asked: Asked, model: string): StepWriter;
}

const json = { "content-type": "application/json" };

const providers: Record<"chat" | "anthropic" | "bedrock", ProviderSide> = {
  chat: { path: () => "/chat/completions", request: chatRequest, headers: json, read: readChat, reader: chatReader },
  anthropic: {
    path: () => "/messages",
    request: messagesRequest,
    headers: { ...json, "anthropic-version": "2023-06-01" },
    read: readMessages,
    reader: messagesReader,
  },
  bedrock: {
    path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? "converse-stream" : "converse"}`,
    request: converseRequest,
    headers: json,
    read: readConverse,
    reader: converseReader,
  },
};

const clients: Partial<Record<Surface, ClientSide>> = {
  chat: {
    chat: ({ body }, model) => ({ ...(body as unknown as ChatRequest), model }),
    answer: chatAnswer,
    writer: (id, { body }, model) =>
      chatWriter(id, model, (body as unknown as ChatRequest).stream_options?.include_usage === true),
  },
  messages: {
    chat: ({ body }, model) => fromMessages(body, model),
    answer: messagesAnswer,
    writer: (id, asked, model) => messagesWriter(id, model, estimate(asked).input),
  },
  responses: {
    chat: ({ body }, model) => fromResponses(body, model),
    answer: responsesAnswer,
    writer: (id, _asked, model) => responsesWriter(`resp_${id}`, model),
  },
};

/** For a provider that speaks another API than the client: both by way of chat completions. @throws CallError */
export function translated(asked: Asked, candidate: Candidate): Shape {
  const { kind } = candidate.provider;
  const provider = providers[kind === "anthropic" || kind === "bedrock" ? kind : "chat"];
  const client = clients[asked.surface];
  if (!client) throw new CallError(400, "not_supported", `${candidate.id} cannot do ${asked.surface}.`);
  return {
    path: provider.path(candidate.model, asked.stream),
    body: provider.request(client.chat(asked, candidate.model)),
    headers: provider.headers,
    whole(body) {
      const answer = provider.read(body, candidate.model);
      return { body: client.answer(answer), tokens: answer.tokens, contentType: "application/json" };
    },
    flow: () => join(provider.reader(), client.writer(crypto.randomUUID(), asked, candidate.model), asked),
  };
}

function join(reader: StepReader, writer: StepWriter, asked: Asked): Flow {
  let pieces = 0;
  return {
    push(chunk) {
      let text = "";
      for (const step of reader.push(chunk)) {
        if (step.is !== "finish") pieces++;
        text += writer.write(step);
      }
      return text;
    },
    rest: () => "",
    end: () => writer.end(reader.tokens ?? { input: estimate(asked).input, cached: 0, output: pieces }),
    get started() {
      return pieces > 0;
    },
    get finished() {
      return reader.finished;
    },
    get error() {
      return reader.error;
    },
    get tokens() {
      return reader.tokens;
    },
    get pieces() {
      return pieces;
    },
    sequence: 0,
  };
}

/** Writes a stream in the API that a client speaks; undefined for one that has no translation. */
export function clientWriter(asked: Asked, model: string): StepWriter | undefined {
  return clients[asked.surface]?.writer(crypto.randomUUID(), asked, model);
}

/** Readers of what clients are sent. */
const spoken: Partial<Record<Surface, { reader(): StepReader; text(body: Buffer): string | null }>> = {
  chat: { reader: chatReader, text: (body) => readChat(body).text },
  messages: { reader: messagesReader, text: (body) => readMessages(body).text },
  responses: { reader: responsesReader, text: (body) => readResponses(body).text },
};

/** What a stream in the client's API says. */
export function stepsOfStream({ surface }: Asked, text: string): Step[] {
  return spoken[surface]?.reader().push(Buffer.from(text)) ?? completionSteps(text);
}

/** The text of a whole answer in the client's API. */
export function textOfAnswer({ surface }: Asked, body: Buffer): string {
  return spoken[surface]?.text(body) ?? "";
}

/** Of the API before chats, whose pieces stand in another place. */
function completionSteps(stream: string): Step[] {
  const texts = [...stream.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, data = ""]) => (JSON.parse(data) as { choices?: { text?: string }[] }).choices?.[0]?.text ?? "",
  );
  return [{ is: "text", text: texts.join("") }];
}
