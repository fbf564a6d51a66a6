import type { Caller } from "../callers.ts";
import type { Embedder } from "../embed/embedder.ts";
import { localModel, normalise, type Side } from "../embed/sentences.ts";
import type { Candidate } from "../routing/plan.ts";
import { CallError } from "../wire/call-error.ts";
import { estimate } from "../wire/estimate.ts";
import { encodeVector } from "../wire/pass.ts";
import type { Asked } from "../wire/shape.ts";
import { textsOfTokens } from "../wire/token-ids.ts";
import { openBill } from "./bill.ts";
import type { Gateway } from "./context.ts";

/** Texts in one request. */
const most = 2048;

/** Answers `/v1/embeddings` from the model on this machine. @throws CallError */
export async function embedLocally(
  gateway: Gateway,
  caller: Caller,
  asked: Asked,
  candidate: Candidate,
): Promise<string> {
  if (asked.surface !== "embeddings") {
    throw new CallError(400, "invalid_request", `${candidate.id} makes embeddings and nothing else.`);
  }
  const embedder = demandModel(gateway);
  const texts = textsOf(await textsOfTokens(asked.body.input));
  const dimensions = dimensionsOf(asked.body.dimensions);
  const side = sideOf(asked.body.input_type);
  const expected = estimate(asked);
  const bill = openBill(gateway, caller, asked, expected);
  using reservation = await bill.reserve(candidate);
  const { vectors, tokens: input } = await embedder.embed(texts, side);
  const encoding = asked.body.encoding_format === "base64" ? "base64" : "float";
  const data = texts.map((_, index) => {
    const from = index * localModel.dimensions;
    const vector = vectors.slice(from, from + dimensions);
    // A shorter vector is of length one again, as clients expect.
    if (dimensions < localModel.dimensions) normalise(vector);
    return { object: "embedding", index, embedding: encodeVector(vector, encoding) };
  });
  const tokens = { input, cached: 0, output: 0 };
  bill.write({ candidate, reservation, status: "ok", code: 200, tokens, estimated: expected });
  const usage = { prompt_tokens: input, total_tokens: input };
  return JSON.stringify({ object: "list", data, model: candidate.id, usage });
}

/** @throws CallError */
export function demandModel({ embedder }: Pick<Gateway, "embedder">): Embedder {
  if (embedder?.ready) return embedder;
  const [message, hint] = embedder
    ? [
        "The local model of embeddings is not there yet.",
        "It is being fetched: `./devflow status --watch` shows how far.",
      ]
    : [
        "This host has no local model of embeddings.",
        "Switch components.embeddings on in devflow.yaml, or make the route embed lead to a provider.",
      ];
  throw new CallError(503, "local_model_missing", message, { hint, ...(embedder && { retryAfter: 15 }) });
}

function textsOf(input: unknown): string[] {
  const texts = typeof input === "string" ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0 || texts.length > most) {
    throw new CallError(400, "invalid_request", `input must be a text or 1 to ${most} texts.`);
  }
  if (texts.every((text): text is string => typeof text === "string" && text !== "")) return texts;
  throw new CallError(400, "invalid_request", "input must be texts, or lists of tokens, that are not empty.");
}

/** As Voyage, Cohere and NVIDIA name it; clients of OpenAI name none. */
function sideOf(wanted: unknown): Side {
  if (wanted === undefined || wanted === null) return "alike";
  if (wanted === "query") return wanted;
  if (wanted === "passage" || wanted === "document") return "passage";
  throw new CallError(400, "invalid_request", 'input_type must be "query" or "passage".');
}

function dimensionsOf(wanted: unknown): number {
  if (wanted === undefined || wanted === null) return localModel.dimensions;
  if (typeof wanted === "number" && Number.isInteger(wanted) && wanted >= 1 && wanted <= localModel.dimensions) {
    return wanted;
  }
  throw new CallError(400, "invalid_request", `dimensions must be between 1 and ${localModel.dimensions}.`);
}
