import { Type } from "typebox";
import { ApiError, type App, readJson } from "../../kit/index.ts";
import { askGateway } from "../gateway.ts";

/** Texts as vectors, by the AI gateway and on the organisation's account. */
export interface Embeddings {
  /**
   * @param model a route or a model of the gateway
   * @param how `as` says which side of a search the texts are on, where the model embeds the two differently.
   *   @default passage
   * @throws Refused when it is the text that the model does not take; ApiError UNAVAILABLE for every other reason
   */
  embed(organisation: string, model: string, texts: readonly string[], how?: EmbedHow): Promise<Embedded>;
}

export interface EmbedHow {
  as?: "query" | "passage";
  signal?: AbortSignal | undefined;
}

export interface Embedded {
  /** The very model that answered, which may be asked for again: a route may lead elsewhere tomorrow. */
  model: string;
  vectors: number[][];
}

const VectorList = Type.Object({
  data: Type.Array(Type.Object({ index: Type.Optional(Type.Integer()), embedding: Type.Array(Type.Number()) })),
});
const Failure = Type.Object({ error: Type.Object({ message: Type.String() }) });

/** The model takes no such text. */
export class Refused extends Error {}

export function embeddingsOf(app: App): Embeddings {
  return {
    async embed(organisation, model, texts, { as = "passage", signal } = {}) {
      // Providers know no such field, and some refuse what they do not know.
      const side = model.startsWith("local/") && { input_type: as };
      const body = { model, input: texts, encoding_format: "float", ...side };
      const answer = await askGateway(app, { organisation }, "/v1/embeddings", body, signal);
      if (answer.status !== 200) throw failure(answer.status, answer.text);
      const data = readJson(VectorList, answer.text)?.data ?? [];
      const vectors = data.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)).map((one) => one.embedding);
      const dimension = vectors[0]?.length ?? 0;
      if (
        vectors.length !== texts.length ||
        vectors.some((one) => one.length !== dimension || !one.every(Number.isFinite))
      ) {
        throw unavailable(`The model ${model} answered with ${vectors.length} vectors to ${texts.length} texts.`);
      }
      return { model: answer.model ?? model, vectors };
    },
  };
}

/** 413 and 422 are about the text; so is 400, since the request's form is always the same. */
function failure(status: number, body: string): Error {
  const message = messageOf(body) ?? `status ${status}`;
  return [400, 413, 422].includes(status) ? new Refused(message) : unavailable(message);
}

function unavailable(message: string): ApiError {
  return new ApiError("UNAVAILABLE", `No embeddings right now: ${message}`, {
    hint: "The page Models shows which models answer; without a provider the local model needs no network.",
    docs: "knowledge",
  });
}

export function messageOf(body: string): string | undefined {
  return readJson(Failure, body)?.error.message;
}
