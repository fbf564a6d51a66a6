import type { FastifyBaseLogger } from "fastify";
import { type Database, storableText } from "../../kit/index.ts";
import type { Embedder } from "../embed/embedder.ts";
import { localModel } from "../embed/sentences.ts";
import type { Protection } from "../policy.ts";
import type { Tokens } from "../usage/usage.ts";
import { marksOf, type Place } from "./question.ts";

/** An answer as it was sent. */
export interface Kept {
  provider: string;
  model: string;
  streamed: boolean;
  contentType: string;
  answer: string;
  tokens: Tokens;
}

export interface Hit extends Kept {
  how: "exact" | "semantic";
  seconds: number;
}

export interface AnswerCache {
  /** Never throws: without the database there is nothing kept. */
  find(organisation: string, place: Place, how: Wanted): Promise<Hit | undefined>;
  /** Keeps it in the background; forgets it where too much waits to be written. */
  keep(organisation: string, place: Place, how: Wanted, kept: Kept): void;
}

export type Wanted = NonNullable<Protection["cache"]>;

/** Bytes of one answer, and answers that may wait to be written. */
const bounds = { answer: 256 * 1024, waiting: 64 };

export function openCache(database: Database, embedder: Embedder | undefined, log: FastifyBaseLogger): AnswerCache {
  let waiting = 0;
  return {
    async find(organisation, place, how) {
      try {
        const { rows } = await database.query<Row>({ organisation }, { ...same, values: [place.question] });
        if (rows[0]) return hit(rows[0], "exact");
        return how.similar ? await findSimilar(organisation, place, how.similarity) : undefined;
      } catch (error) {
        log.warn({ err: error }, "the cache of answers cannot be asked");
        return undefined;
      }
    },
    keep(organisation, place, how, kept) {
      if (kept.answer.length > bounds.answer || waiting >= bounds.waiting) return;
      waiting++;
      write(organisation, place, how, kept)
        .catch((error: unknown) => log.warn({ err: error }, "an answer could not be kept"))
        .finally(() => waiting--);
    },
  };

  async function findSimilar(organisation: string, { scope, last }: Place, least: number): Promise<Hit | undefined> {
    const meaning = await meaningOf(last);
    if (meaning === undefined || last === undefined) return undefined;
    const values = [scope, meaning, marksOf(last), 1 - least];
    const { rows } = await database.query<Row>({ organisation }, { ...alike, values });
    return rows[0] && hit(rows[0], "semantic");
  }

  async function write(organisation: string, place: Place, how: Wanted, kept: Kept): Promise<void> {
    const meaning = how.similar ? await meaningOf(place.last) : undefined;
    const { input, cached, output } = kept.tokens;
    await database.query(
      { organisation },
      {
        name: "ai.cache.keep",
        text: `insert into cached_answer (question, scope, meaning, marks, provider, model, streamed, content_type, answer,
          input_tokens, cached_tokens, output_tokens, expires_at)
        values ($1, $2, $3::public.vector, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + make_interval(secs => $13))
        on conflict (organisation_id, question) do update set provider = excluded.provider, model = excluded.model,
          answer = excluded.answer, meaning = excluded.meaning, input_tokens = excluded.input_tokens,
          cached_tokens = excluded.cached_tokens, output_tokens = excluded.output_tokens, created_at = now(),
          expires_at = excluded.expires_at, hits = 0`,
        values: [
          place.question,
          place.scope,
          meaning,
          meaning === undefined ? [] : marksOf(place.last ?? ""),
          kept.provider,
          kept.model,
          kept.streamed,
          kept.contentType,
          storableText(kept.answer),
          input,
          cached,
          output,
          how.seconds,
        ],
      },
    );
  }

  /** Undefined where it cannot be said: no local model, or a text of which it would read only the beginning. */
  async function meaningOf(text: string | undefined): Promise<string | undefined> {
    if (text === undefined || text.length > localModel.context * 6 || !embedder?.ready) return undefined;
    const { vectors, tokens } = await embedder.embed([text]);
    return tokens >= localModel.context ? undefined : `[${vectors.join(",")}]`;
  }
}

interface Row {
  provider: string;
  model: string;
  streamed: boolean;
  content_type: string;
  answer: string;
  input: number;
  cached: number;
  output: number;
  seconds: number;
}

const columns = `provider, model, streamed, content_type, answer, input_tokens::float8 as input,
  cached_tokens::float8 as cached, output_tokens::float8 as output,
  extract(epoch from now() - created_at)::float8 as seconds`;
const same = {
  name: "ai.cache.same",
  text: `update cached_answer set hits = hits + 1 where question = $1 and expires_at > now() returning ${columns}`,
};
const alike = {
  name: "ai.cache.alike",
  text: `update cached_answer set hits = hits + 1 where question = (
      select question from cached_answer where scope = $1 and marks = $3 and meaning is not null and expires_at > now()
        and meaning operator(public.<=>) $2::public.vector <= $4
      order by meaning operator(public.<=>) $2::public.vector limit 1
    ) returning ${columns}`,
};

function hit(row: Row, how: Hit["how"]): Hit {
  const { provider, model, streamed, content_type: contentType, answer, input, cached, output, seconds } = row;
  return { provider, model, streamed, contentType, answer, tokens: { input, cached, output }, how, seconds };
}
