import { inputRequired, type ServerContext } from "@modelcontextprotocol/server";

// What the conformance suite asks a server to offer, by the names it calls it by.

type Content = Record<string, unknown>;
type Answer = Record<string, unknown>;
type Given = Record<string, unknown>;

const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const sound = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const text = (words: string): Content => ({ type: "text", text: words });
const image: Content = { type: "image", data: picture, mimeType: "image/png" };
const embedded = (uri: string, words: string, mimeType = "text/plain"): Content => ({
  type: "resource",
  resource: { uri, mimeType, text: words },
});
const content = (...parts: Content[]): Answer => ({ content: parts });
const nothing = { type: "object", properties: {} };
const strings = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  required: names,
});

export interface OfferedTool {
  input?: object;
  call(given: Given, context: ServerContext): Promise<Answer> | Answer;
}

const form = (message: string, properties: object, required: string[] = []) => ({
  message,
  requestedSchema: { type: "object", properties, required },
});
const namesForm = form("What is your name?", { name: { type: "string" } }, ["name"]);
const question = (words: string) => ({
  messages: [{ role: "user", content: { type: "text", text: words } }],
  maxTokens: 100,
});
const elicit = (params: object) => ({ method: "elicitation/create", params: { mode: "form", ...params } });
const sample = (words: string) => ({ method: "sampling/createMessage", params: question(words) });
const roots = { method: "roots/list", params: {} };

/** Asks in the middle of a call, as the protocol of 2025 has it. */
async function ask(context: ServerContext, method: string, params: object): Promise<Given> {
  return (await context.mcpReq.send({ method, params } as never)) as Given;
}

/** Ends a call with questions, as the protocol of 2026 has it. */
function rounds(requests: Record<string, unknown>, requestState?: string): Answer {
  return inputRequired({
    inputRequests: requests as never,
    ...(requestState !== undefined && { requestState }),
  }) as unknown as Answer;
}

async function elicited(context: ServerContext, params: object): Promise<Answer> {
  const { action, content: entered = {} } = await ask(context, "elicitation/create", params);
  return content(text(`Elicitation completed: action=${action}, content=${JSON.stringify(entered)}`));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const responses = ({ mcpReq }: ServerContext) => (mcpReq.inputResponses ?? {}) as Record<string, Given | undefined>;
const stateOf = ({ mcpReq }: ServerContext) => {
  const read = mcpReq.requestState as unknown as () => string | undefined;
  return read();
};

const sealedBy = "of the reference server";
const seal = (data: string) => JSON.stringify({ data, sum: sumOf(data) });
/** No cryptography: enough to find a change that a test makes. */
function sumOf(data: string): number {
  let sum = 7;
  for (const letter of `${data}${sealedBy}`) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007;
  return sum;
}
function opened(state: string): string | undefined {
  try {
    const { data, sum } = JSON.parse(state) as { data: string; sum: number };
    return sumOf(data) === sum ? data : undefined;
  } catch {
    return undefined;
  }
}

export const tools: Record<string, OfferedTool> = {
  test_simple_text: { call: () => content(text("This is a simple text response for testing.")) },
  test_image_content: { call: () => content(image) },
  test_audio_content: { call: () => content({ type: "audio", data: sound, mimeType: "audio/wav" }) },
  test_embedded_resource: {
    call: () => content(embedded("test://embedded-resource", "This is an embedded resource content.")),
  },
  test_multiple_content_types: {
    call: () =>
      content(
        text("Multiple content types test:"),
        image,
        embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
      ),
  },
  test_tool_with_logging: {
    async call(_given, { mcpReq }) {
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await mcpReq.notify({ method: "notifications/message", params: { level: "info", data } } as never);
        await pause(20);
      }
      return content(text("done"));
    },
  },
  test_tool_with_progress: {
    async call(_given, { mcpReq }) {
      const progressToken = mcpReq._meta?.progressToken ?? 0;
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100 };
        await mcpReq.notify({ method: "notifications/progress", params } as never);
        await pause(20);
      }
      return content(text(String(progressToken)));
    },
  },
  test_error_handling: {
    call: () => ({ ...content(text("This tool intentionally returns an error for testing")), isError: true }),
  },
  test_sampling: {
    input: strings("prompt"),
    async call({ prompt }, context) {
      const said = (await ask(context, "sampling/createMessage", question(String(prompt)))) as { content: Given };
      return content(text(`LLM response: ${said.content.text}`));
    },
  },
  test_elicitation: {
    input: strings("message"),
    async call({ message }, context) {
      const params = form(String(message), { response: { type: "string" } }, ["response"]);
      const { action, content: entered = {} } = await ask(context, "elicitation/create", params);
      return content(text(`User response: action=${action}, content=${JSON.stringify(entered)}`));
    },
  },
  test_elicitation_sep1034_defaults: {
    call: (_given, context) =>
      elicited(
        context,
        form("Look at these", {
          name: { type: "string", default: "John Doe" },
          age: { type: "integer", default: 30 },
          score: { type: "number", default: 95.5 },
          status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
          verified: { type: "boolean", default: true },
        }),
      ),
  },
  test_elicitation_sep1330_enums: {
    call: (_given, context) => {
      const options = ["option1", "option2", "option3"];
      const titled = ["First", "Second", "Third"].map((title, index) => ({ const: `value${index + 1}`, title }));
      return elicited(
        context,
        form("Choose", {
          untitledSingle: { type: "string", enum: options },
          titledSingle: { type: "string", oneOf: titled },
          legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["One", "Two", "Three"] },
          untitledMulti: { type: "array", minItems: 1, maxItems: 3, items: { type: "string", enum: options } },
          titledMulti: { type: "array", minItems: 1, maxItems: 3, items: { anyOf: titled } },
        }),
      );
    },
  },
  test_input_required_result_elicitation: {
    call(_given, context) {
      const entered = (responses(context).user_name?.content as Given | undefined)?.name;
      return entered ? content(text(`Hello, ${entered}!`)) : rounds({ user_name: elicit(namesForm) });
    },
  },
  test_input_required_result_sampling: {
    call(_given, context) {
      const said = responses(context).capital_question?.content as Given | undefined;
      return said ? content(text(String(said.text))) : rounds({ capital_question: sample("The capital of France?") });
    },
  },
  test_input_required_result_list_roots: {
    call(_given, context) {
      const found = responses(context).client_roots?.roots;
      return found ? content(text(`Roots: ${JSON.stringify(found)}`)) : rounds({ client_roots: roots });
    },
  },
  test_input_required_result_request_state: {
    call(_given, context) {
      const confirm = form("Go on?", { ok: { type: "boolean" } }, ["ok"]);
      if (responses(context).confirm && stateOf(context) === "kept") return content(text("state-ok"));
      return rounds({ confirm: elicit(confirm) }, "kept");
    },
  },
  test_input_required_result_multiple_inputs: {
    call(_given, context) {
      const { user_name, greeting, client_roots } = responses(context);
      if (user_name && greeting && client_roots) return content(text("all of them"));
      const all = { user_name: elicit(namesForm), greeting: sample("Greet me."), client_roots: roots };
      return rounds(all, "several");
    },
  },
  test_input_required_result_multi_round: {
    call(_given, context) {
      const [state, given] = [stateOf(context), responses(context)];
      const colour = form("Your favourite colour?", { color: { type: "string" } }, ["color"]);
      if (state === "second" && given.step2) return content(text("after two rounds"));
      if (state === "first" && given.step1) return rounds({ step2: elicit(colour) }, "second");
      return rounds({ step1: elicit(namesForm) }, "first");
    },
  },
  test_input_required_result_tampered_state: {
    call(_given, context) {
      const state = stateOf(context);
      if (state !== undefined) {
        if (opened(state) === undefined) throw Object.assign(new Error("The state was changed."), { code: -32602 });
        return content(text("state-ok"));
      }
      return rounds({ confirm: elicit(form("Go on?", { ok: { type: "boolean" } }, ["ok"])) }, seal("kept"));
    },
  },
  test_input_required_result_capabilities: {
    call(_given, context) {
      const able = (context.mcpReq.envelope as Record<string, Given> | undefined)?.[
        "io.modelcontextprotocol/clientCapabilities"
      ];
      const requests = {
        ...(able?.elicitation ? { elicit_input: elicit(namesForm) } : {}),
        ...(able?.sampling ? { sample_input: sample("Say hello.") } : {}),
      };
      return Object.keys(requests).length > 0 ? rounds(requests) : content(text("nothing can be asked"));
    },
  },
  test_streaming_elicitation: {
    async call(_given, context) {
      const progressToken = context.mcpReq._meta?.progressToken;
      const params = { progressToken, progress: 1, total: 2 };
      if (progressToken !== undefined)
        await context.mcpReq.notify({ method: "notifications/progress", params } as never);
      return responses(context).user_name ? content(text("done")) : rounds({ user_name: elicit(namesForm) });
    },
  },
  test_logging_tool: {
    async call(_given, { mcpReq }) {
      await mcpReq.log("info", "a line of the log");
      return content(text("done"));
    },
  },
  test_missing_capability: {
    call: () => rounds({ said: sample("Say hello.") }),
  },
};

export const prompts: Record<string, { arguments: string[]; get(given: Given, context: ServerContext): Answer }> = {
  test_simple_prompt: { arguments: [], get: () => said(text("This is a simple prompt for testing.")) },
  test_prompt_with_arguments: {
    arguments: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  },
  test_prompt_with_embedded_resource: {
    arguments: ["resourceUri"],
    get: ({ resourceUri }) => said(embedded(String(resourceUri), "Embedded resource content."), text("Process it.")),
  },
  test_prompt_with_image: { arguments: [], get: () => said(image, text("Look at it.")) },
  test_input_required_result_prompt: {
    arguments: [],
    get(_given, context) {
      const topic = form("About what?", { context: { type: "string" } }, ["context"]);
      return responses(context).user_context ? said(text("Go on.")) : rounds({ user_context: elicit(topic) });
    },
  },
};

function said(...parts: Content[]): Answer {
  return { messages: parts.map((part) => ({ role: "user", content: part })) };
}

export const resources: Record<string, { mimeType: string; text?: string; blob?: string }> = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: picture },
  "test://watched-resource": { mimeType: "text/plain", text: "Watched resource content" },
};

export const template = "test://template/{id}/data";
export const emptyInput = nothing;
