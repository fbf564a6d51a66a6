import { type Answer, startUpstream, type Upstream } from "../ai-gateway/upstream.ts";

export interface Models extends Upstream {
  /** Texts it was to embed. */
  asked: string[];
  /** What it does until it is told otherwise. */
  first: Answer;
}

/** A provider whose models `embed-<dimension>` embed by the words of a text, and whose others say what they are told. */
export async function startModels(says: (user: string, system: string) => string = () => ""): Promise<Models> {
  const asked: string[] = [];
  const answer: Answer = ({ path, body }, response) => {
    const send = (status: number, told: object) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));
    if (path.endsWith("/embeddings")) {
      const texts = [body.input].flat() as string[];
      const dimension = Number(/embed-(\d+)/.exec(String(body.model))?.[1] ?? 8);
      asked.push(...texts);
      if (texts.some((text) => text.includes("UNSPEAKABLE")))
        return send(400, { error: { message: "I do not take this text." } });
      const data = texts.map((text, index) => ({ object: "embedding", index, embedding: embed(text, dimension) }));
      return send(200, { object: "list", model: body.model, data, usage: { prompt_tokens: 1, total_tokens: 1 } });
    }
    const messages = body.messages as { role: string; content: string }[];
    const content = says(messages.at(-1)?.content ?? "", messages[0]?.content ?? "");
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    return send(200, {
      id: "1",
      object: "chat.completion",
      model: body.model,
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
      usage,
    });
  };
  return Object.assign(await startUpstream(answer), { asked, first: answer });
}

/** Each word has a direction of its own. */
function embed(text: string, dimension: number): number[] {
  const vector = new Array<number>(dimension).fill(0);
  for (const [word] of text.toLowerCase().matchAll(/\p{L}{3,}/gu)) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
    vector[hash % dimension] = (vector[hash % dimension] ?? 0) + 1;
    vector[(hash >>> 8) % dimension] = (vector[(hash >>> 8) % dimension] ?? 0) + ((hash & 64) === 0 ? 1 : -1);
  }
  return vector.some((value) => value !== 0) ? vector : vector.map((_value, at) => (at === 0 ? 1 : 0));
}
