import { text as readAll } from "node:stream/consumers";
import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import type { PlatformApi } from "../platform-api.ts";
import { apiOf, type Input } from "./input.ts";

interface Chunk {
  choices?: { delta?: { content?: string | null } }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  error?: { message: string };
}

/** Prints an answer as it comes; with `--json` it is one object when it is whole. */
export async function chat(input: Input): Promise<object> {
  const { io, options } = input;
  const question = input.args.join(" ") || (process.stdin.isTTY ? "" : await readAll(process.stdin));
  if (question.trim() === "") {
    throw new DevflowError("USAGE", "There is no question.", { hint: "Write it after the command, or pipe it in." });
  }
  const messages = [
    ...(options.system ? [{ role: "system", content: options.system }] : []),
    { role: "user", content: question },
  ];
  const api = await apiOf(input);
  const model = [options.model ?? (await usualModel(api, io))].flat()[0];
  const body = { model, messages, stream: true, stream_options: { include_usage: true } };
  const answer = await api.send("/v1/chat/completions", body, io.signal);
  let text = "";
  let usage: Chunk["usage"];
  for await (const chunk of chunksOf(answer)) {
    if (chunk.error) {
      throw new DevflowError("COMMAND_FAILED", chunk.error.message, { hint: "Ask again.", docs: "ai-gateway" });
    }
    const piece = chunk.choices?.[0]?.delta?.content ?? "";
    text += piece;
    if (!io.json) io.out(piece);
    usage = chunk.usage ?? usage;
  }
  if (!io.json && !text.endsWith("\n")) io.out("\n");
  return { model: answer.headers.get("x-devflow-model") ?? model, text, usage: usage ?? null };
}

/** The route smart; where no provider of its models is there, the first model that answers questions. */
async function usualModel(api: PlatformApi, io: Io): Promise<string> {
  const { data } = await api.call<{ data: { id: string; owned_by: string }[] }>("GET", "/api/ai/models");
  if (data.some(({ id }) => id === "smart")) return "smart";
  const first = data.find(({ owned_by }) => owned_by !== "devflow" && owned_by !== "local")?.id;
  if (first !== undefined) io.err(`There is no route smart; asking ${first}. Choose another by --model.\n`);
  return first ?? "smart";
}

async function* chunksOf(answer: Response): AsyncGenerator<Chunk> {
  let pending = "";
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(piece, { stream: true });
    const events = pending.split("\n\n");
    pending = events.pop() ?? "";
    for (const event of events) {
      if (event.startsWith("data: {")) yield JSON.parse(event.slice(6));
    }
  }
}

const decoder = new TextDecoder();
