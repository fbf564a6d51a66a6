import { Pool } from "undici";
import { openFlow } from "./flow.ts";

/** Vespa's namespace of our documents, and the cluster of services.xml that keeps them. */
const namespace = "knowledge";
/** Milliseconds of one operation on a document, and of one query. */
const operationTime = 10_000;
const queryTime = 3000;
/** Times an operation is tried that Vespa had no room or no time for. */
const tries = 5;

/** Vespa does not answer, or not as it should: it is asked again later, and PostgreSQL meanwhile. */
export class Away extends Error {}

/** Vespa takes no such document or query: asking again changes nothing. */
export class Unfit extends Error {}

/** Vespa's APIs of documents and queries. */
export interface VespaClient {
  put(type: string, id: string, fields: object, signal?: AbortSignal): Promise<void>;
  /** Also when it is not there. */
  remove(type: string, id: string, signal?: AbortSignal): Promise<void>;
  has(type: string, id: string): Promise<boolean>;
  /** Deletes all documents of a type that fit Vespa's selection, part by part. */
  removeAll(type: string, selection: string, signal?: AbortSignal): Promise<void>;
  query(body: object): Promise<VespaAnswer>;
  close(): Promise<void>;
}

export interface VespaAnswer {
  root: {
    coverage?: { coverage?: number; documents?: number };
    errors?: { message?: string; summary?: string }[];
    children?: { fields?: Record<string, unknown> }[];
  };
}

/** @param url address of Vespa's container cluster */
export function vespaClient(url: string): VespaClient {
  const pool = new Pool(new URL(url).origin, {
    connections: 64,
    connect: { timeout: 2000 },
    headersTimeout: operationTime,
    bodyTimeout: operationTime,
  });
  const flow = openFlow();

  return {
    async put(type, id, fields, signal) {
      await operate("POST", pathOf(type, id), { fields }, signal);
    },
    async remove(type, id, signal) {
      await operate("DELETE", pathOf(type, id), undefined, signal);
    },
    async has(type, id) {
      const { status, body } = await ask("GET", pathOf(type, id), undefined, AbortSignal.timeout(operationTime));
      if (status === 200) return true;
      if (status === 404) return false;
      throw failure(status, body);
    },
    async removeAll(type, selection, signal) {
      const query = new URLSearchParams({ selection, cluster: namespace, timeChunk: "5s" });
      for (;;) {
        const answer = await operate("DELETE", `${pathOf(type)}?${query}`, undefined, signal);
        const { continuation } = answer as { continuation?: string };
        if (!continuation) return;
        query.set("continuation", continuation);
      }
    },
    async query(body) {
      const answer = await ask("POST", "/search/", body, AbortSignal.timeout(queryTime));
      const { root } = (answer.body ?? {}) as Partial<VespaAnswer>;
      if (answer.status !== 200 || !root || root.errors) throw failure(answer.status, answer.body);
      return { root };
    },
    close: () => pool.close(),
  };

  /** One operation, as many at once as Vespa bears, and again when it says that it bears no more. */
  async function operate(method: "POST" | "DELETE", path: string, body?: object, signal?: AbortSignal) {
    for (let attempt = 1; ; attempt++) {
      const answer = await flow.pass(async () => {
        const limit = AbortSignal.any([AbortSignal.timeout(operationTime), ...(signal ? [signal] : [])]);
        const one = await ask(method, path, body, limit);
        return { ...one, crowded: crowded.has(one.status) };
      });
      if (answer.status === 200) return answer.body;
      if (!answer.crowded || attempt === tries) throw failure(answer.status, answer.body);
      await flow.pause(attempt, signal);
    }
  }

  async function ask(method: "GET" | "POST" | "DELETE", path: string, body: object | undefined, signal: AbortSignal) {
    try {
      const answer = await pool.request({
        method,
        path,
        signal,
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: parsed(text) };
    } catch (error) {
      if (error instanceof Away) throw error;
      throw new Away(`Vespa does not answer (${(error as Error).message}).`, { cause: error });
    }
  }
}

/** Too many at once, no room in a queue, no answer of the content node in time. */
const crowded = new Set([429, 503, 504]);

function failure(status: number, body: unknown): Error {
  const { message, root } = (body ?? {}) as { message?: string; root?: VespaAnswer["root"] };
  const [first] = root?.errors ?? [];
  const said = message ?? first?.message ?? first?.summary ?? "nothing more";
  // 507: its disk or memory is nearly full, and it takes no documents until there is room.
  const text = status === 507 ? `Vespa has no room left: ${said}` : `Vespa answers ${status}: ${said}`;
  return [400, 404, 405, 413, 415].includes(status) ? new Unfit(text) : new Away(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Away("Vespa answers with something that is no JSON.");
  }
}

function pathOf(type: string, id?: string): string {
  return `/document/v1/${namespace}/${type}/docid/${id === undefined ? "" : encodeURIComponent(id)}`;
}
