import type { ProviderKind } from "../../../../glue-services/ai-gateway/schemas.ts";
import { CallError } from "../../../../glue-services/ai-gateway/wire/call-error.ts";
import { answers } from "./matrix-answers.ts";
import { type Client, candidateOf, hello, pair, type Seen } from "./pair.ts";

/** `lost` is a defect: what is neither translated, nor refused, nor named as a hint. */
export type Cell = "as it is" | "passes" | "refused" | "left out" | "–" | "lost";

/** The API in which a provider is asked. */
export type Api = "chat" | "messages" | "converse";

/** Something that a client may ask for, in the words of each API that has words for it. */
export interface Feature {
  name: string;
  ask: Partial<Record<Client, object>>;
  /** Text of the provider's request in which it is found, in each API. */
  found: Partial<Record<Api, RegExp>>;
  /** It says how to serve a call, and is left out where the provider's API has no field for it. */
  hint?: boolean;
}

export const columns: { title: string; kind: ProviderKind; model: string; api: Api }[] = [
  { title: "OpenAI, Azure", kind: "openai", model: "m", api: "chat" },
  { title: "Google", kind: "google", model: "m", api: "chat" },
  { title: "compatible servers", kind: "openai-compatible", model: "m", api: "chat" },
  { title: "Anthropic", kind: "anthropic", model: "m", api: "messages" },
  { title: "Bedrock", kind: "bedrock", model: "anthropic.claude-haiku-4-5", api: "converse" },
];

const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const input = (...content: object[]) => ({ input: [{ role: "user", content }] });
const png = "data:image/png;base64,aGk=";
const pdf = "data:application/pdf;base64,aGk=";
const url = "https://example.com/a";
const schema = { type: "object", properties: { city: { type: "string" } } };
const chatTool = (more: object = {}) => ({
  tools: [{ type: "function", function: { name: "weather", parameters: schema, ...more } }],
});
const ownTool = (more: object = {}) => ({ tools: [{ name: "weather", input_schema: schema, ...more }] });
const itemTool = (more: object = {}) => ({
  tools: [{ type: "function", name: "weather", parameters: schema, ...more }],
});
const failing = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "a", is_error: true, content: "no" }] },
];
const source = (type: string, data: string) => ({ type: "base64", media_type: type, data });

export const features: Feature[] = [
  {
    name: "a system text",
    ask: {
      chat: {
        messages: [
          { role: "developer", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
      messages: { system: "Be brief." },
      responses: { instructions: "Be brief." },
    },
    found: {
      chat: /"role":"system","content":"Be brief/,
      messages: /"system":"Be brief/,
      converse: /"system":\[\{"text":"Be brief/,
    },
  },
  {
    name: "a picture as data",
    ask: {
      chat: user({ type: "image_url", image_url: { url: png } }),
      messages: user({ type: "image", source: source("image/png", "aGk=") }),
      responses: input({ type: "input_image", image_url: png }),
    },
    found: {
      chat: /"image_url":\{"url":"data:image\/png/,
      messages: /"type":"image".*"data":"aGk="/,
      converse: /"image":\{"format":"png"/,
    },
  },
  {
    name: "a picture by URL",
    ask: {
      chat: user({ type: "image_url", image_url: { url } }),
      messages: user({ type: "image", source: { type: "url", url } }),
      responses: input({ type: "input_image", image_url: url }),
    },
    found: { chat: /"image_url":\{"url":"https/, messages: /"type":"url","url":"https/ },
  },
  {
    name: "a PDF as data",
    ask: {
      chat: user({ type: "file", file: { file_data: pdf, filename: "a.pdf" } }),
      messages: user({ type: "document", source: source("application/pdf", "aGk=") }),
      responses: input({ type: "input_file", file_data: pdf, filename: "a.pdf" }),
    },
    found: { chat: /"file_data":"data:application\/pdf/, messages: /"type":"document"/, converse: /"format":"pdf"/ },
  },
  {
    name: "a document by URL",
    ask: {
      messages: user({ type: "document", source: { type: "url", url } }),
      responses: input({ type: "input_file", file_url: url }),
    },
    found: { messages: /"type":"document","source":\{"type":"url"/ },
  },
  {
    name: "sound",
    ask: {
      chat: user({ type: "input_audio", input_audio: { data: "aGk=", format: "wav" } }),
      responses: input({ type: "input_audio", input_audio: { data: "aGk=", format: "wav" } }),
    },
    found: { chat: /"input_audio":\{"data":"aGk="/ },
  },
  {
    name: "a part of unknown type",
    ask: {
      chat: user({ type: "hologram" }),
      messages: user({ type: "hologram" }),
      responses: input({ type: "hologram" }),
    },
    found: {},
  },
  {
    name: "tools",
    ask: { chat: chatTool(), messages: ownTool(), responses: itemTool() },
    found: { chat: /"parameters":\{.*"city"/, messages: /"input_schema":\{.*"city"/, converse: /"json":\{.*"city"/ },
  },
  {
    name: "a tool without parameters",
    ask: {
      chat: chatTool({ parameters: {} }),
      messages: ownTool({ input_schema: {} }),
      responses: itemTool({ parameters: {} }),
    },
    found: {
      chat: /"parameters":\{"properties":\{\},"type":"object"\}/,
      messages: /"input_schema":\{"properties":\{\},"type":"object"\}/,
      converse: /"json":\{"properties":\{\},"type":"object"\}/,
    },
  },
  {
    name: "strict tools",
    ask: {
      chat: chatTool({ strict: true }),
      messages: ownTool({ strict: true }),
      responses: itemTool({ strict: true }),
    },
    found: { chat: /"strict":true/, messages: /"strict":true/ },
    hint: true,
  },
  {
    name: "a tool that must be called",
    ask: {
      chat: { ...chatTool(), tool_choice: { type: "function", function: { name: "weather" } } },
      messages: { ...ownTool(), tool_choice: { type: "tool", name: "weather" } },
      responses: { ...itemTool(), tool_choice: { type: "function", name: "weather" } },
    },
    found: {
      chat: /"tool_choice":\{"type":"function","function":\{"name":"weather"/,
      messages: /"tool_choice":\{"type":"tool","name":"weather"/,
      converse: /"toolChoice":\{"tool":\{"name":"weather"/,
    },
  },
  {
    name: "one tool call at a time",
    ask: {
      chat: { ...chatTool(), parallel_tool_calls: false },
      messages: { ...ownTool(), tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      responses: { ...itemTool(), parallel_tool_calls: false },
    },
    found: {
      chat: /"parallel_tool_calls":false/,
      messages: /"disable_parallel_tool_use":true/,
      converse: /"disable_parallel_tool_use":true/,
    },
  },
  {
    name: "a tool's result that is an error",
    ask: { messages: { messages: failing } },
    found: { chat: /"role":"tool".*"content":"Error: no"/, messages: /"is_error":true/, converse: /"status":"error"/ },
  },
  {
    name: "tools that the provider runs (web search)",
    ask: {
      chat: { web_search_options: {} },
      messages: { tools: [{ type: "web_search_20250305", name: "web_search" }] },
      responses: { tools: [{ type: "web_search" }] },
    },
    found: {},
  },
  {
    name: "an answer that fits a JSON schema",
    ask: {
      chat: { response_format: { type: "json_schema", json_schema: { name: "a", schema } } },
      messages: { output_config: { format: { type: "json_schema", schema } } },
      responses: { text: { format: { type: "json_schema", name: "a", schema } } },
    },
    found: {
      chat: /"json_schema":\{.*"city"/,
      messages: /"tool_choice":\{"type":"tool","name":"answer"|"output_config"/,
      converse: /"toolChoice":\{"tool":\{"name":"answer"/,
    },
  },
  {
    name: "an answer of JSON",
    ask: {
      chat: { response_format: { type: "json_object" } },
      responses: { text: { format: { type: "json_object" } } },
    },
    found: {
      chat: /"type":"json_object"/,
      messages: /"system":"Answer with one JSON/,
      converse: /"text":"Answer with one JSON/,
    },
  },
  {
    name: "words that end the answer",
    ask: { chat: { stop: "END" }, messages: { stop_sequences: ["END"] } },
    found: { chat: /"stop":\["END"\]/, messages: /"stop_sequences":\["END"\]/, converse: /"stopSequences":\["END"\]/ },
  },
  {
    name: "the answer's length at most",
    ask: { chat: { max_completion_tokens: 77 }, messages: { max_tokens: 77 }, responses: { max_output_tokens: 77 } },
    found: { chat: /"max_(completion_)?tokens":77/, messages: /"max_tokens":77/, converse: /"maxTokens":77/ },
  },
  {
    name: "temperature",
    ask: { chat: { temperature: 0.5 }, messages: { temperature: 0.5 }, responses: { temperature: 0.5 } },
    found: { chat: /"temperature":0.5/, messages: /"temperature":0.5/, converse: /"temperature":0.5/ },
  },
  {
    name: "`top_k`",
    ask: { chat: { top_k: 5 }, messages: { top_k: 5 } },
    found: { chat: /"top_k":5/, messages: /"top_k":5/, converse: /"top_k":5/ },
  },
  {
    name: "how hard to think",
    ask: {
      chat: { reasoning_effort: "low", max_tokens: 4000 },
      messages: { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4000 },
      responses: { reasoning: { effort: "low" }, max_output_tokens: 4000 },
    },
    found: { chat: /"reasoning_effort":"low"/, messages: /"budget_tokens":1024/, converse: /"budget_tokens":1024/ },
  },
  {
    name: "an id of the user",
    ask: { chat: { user: "u1" }, messages: { metadata: { user_id: "u1" } }, responses: { user: "u1" } },
    found: { chat: /"user":"u1"/, messages: /"user_id":"u1"/ },
    hint: true,
  },
  {
    name: "`cache_control`, `service_tier`, `metadata`, `store`, `seed`",
    ask: {
      chat: { service_tier: "flex", metadata: { a: "b" }, store: false, seed: 7 },
      messages: { service_tier: "auto", cache_control: { type: "ephemeral" } },
      responses: { service_tier: "flex", metadata: { a: "b" }, store: false },
    },
    found: {},
    hint: true,
  },
  { name: "several answers, probabilities of tokens", ask: { chat: { n: 2, logprobs: true } }, found: {} },
  {
    name: "conversations, prompts and files that the provider keeps",
    ask: {
      responses: { previous_response_id: "resp_1" },
      messages: user({ type: "document", source: { type: "file", file_id: "f" } }),
    },
    found: {},
  },
  {
    name: "a field that the gateway does not know",
    ask: { chat: { quantum: 1 }, messages: { quantum: 1 }, responses: { quantum: 1 } },
    found: {},
  },
];

/** Runs one cell. */
export function cellOf(feature: Feature, client: Client, { kind, model, api }: (typeof columns)[0]): Cell {
  const more = feature.ask[client];
  if (more === undefined) return "–";
  let sent: Seen;
  try {
    ({ sent } = pair(client, candidateOf(kind, model), more));
  } catch (error) {
    if (error instanceof CallError && error.code === "not_supported") return "refused";
    throw error;
  }
  const asIs = Object.entries({ ...hello[client], ...more }).every(
    ([name, value]) => JSON.stringify(sent[name]) === JSON.stringify(value),
  );
  if (asIs && isSameApi(client, kind)) return "as it is";
  if (feature.found[api]?.test(JSON.stringify(sent))) return "passes";
  return feature.hint ? "left out" : "lost";
}

export function isSameApi(client: Client, kind: ProviderKind): boolean {
  if (client === "messages") return kind === "anthropic";
  return client === "responses" ? kind === "openai" : kind !== "anthropic" && kind !== "bedrock";
}

const titles: Record<Client, string> = {
  chat: "Clients of chat completions",
  messages: "Clients of Anthropic's messages",
  responses: "Clients of OpenAI's responses",
};
const clients: Client[] = ["chat", "messages", "responses"];

/** The tables of the documentation: each cell is run. */
export function translationTables(): string {
  const head = ["|  |", ...columns.map(({ title }) => ` ${title} |`)].join("");
  const line = `| --- |${columns.map(() => " --- |").join("")}`;
  return clients
    .map((client) => {
      const asked = features.flatMap((feature) => {
        const cells = columns.map((column) => cellOf(feature, client, column));
        return cells.every((cell) => cell === "–") ? [] : [`| ${feature.name} | ${cells.join(" | ")} |`];
      });
      const answered = answers.map(({ name, cell }) => {
        const cells = columns.map((column) => cell(client, column));
        return `| answer: ${name} | ${cells.join(" | ")} |`;
      });
      return [`### ${titles[client]}`, "", head, line, ...asked, ...answered].join("\n");
    })
    .join("\n\n");
}
