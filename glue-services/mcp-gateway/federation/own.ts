import { Ajv } from "ajv";
import { ApiError, type App, type OfferedTool, offered } from "../../kit/index.ts";
import type { Caller } from "../access/caller.ts";
import type { Params, Result, Source } from "./source.ts";

const ajv = new Ajv({ useDefaults: true, removeAdditional: false, allErrors: true, strict: false });
const checks = new WeakMap<object, ReturnType<Ajv["compile"]>>();

/** The platform's own tools: those of its services that the caller has the scope for. */
export function ownSource(app: App, caller: Caller, name: string): Source {
  const may = ({ tool: { scope } }: OfferedTool) => caller.scopes.includes("*") || caller.scopes.includes(scope);
  return {
    name,
    key: name,
    prefix: "",
    capabilities: async () => ({ tools: {} }),
    async request(method, params, call) {
      if (method === "tools/list") return { tools: (await offered(app)).tools.filter(may).map(describe) };
      if (method !== "tools/call") throw Object.assign(new Error(`${name} has no ${method}.`), { code: -32601 });
      const one = (await offered(app)).tools.find(({ tool }) => tool.name === params.name);
      if (!one || !may(one)) {
        throw Object.assign(new Error(`There is no tool ${String(params.name)}.`), { code: -32602 });
      }
      return run(one, params, {
        app: one.app,
        identity: caller,
        signal: call.signal,
        progress: (progress, total, message) =>
          call.tell("notifications/progress", { progress, ...(total && { total }), ...(message && { message }) }),
      });
    },
  };
}

function describe({ tool }: OfferedTool): Result {
  const { name, title, description, input, readOnly = false, destructive = false } = tool;
  return {
    ...{ name, title, description, inputSchema: JSON.parse(JSON.stringify(input)) },
    annotations: { title, readOnlyHint: readOnly, destructiveHint: destructive, openWorldHint: false },
  };
}

/** What is wrong with a call is an answer for the agent to learn from, not a failure of the connection. */
async function run({ tool }: OfferedTool, params: Params, context: Parameters<typeof tool.call>[1]): Promise<Result> {
  const input = structuredClone((params.arguments as Params | undefined) ?? {});
  const check = checks.get(tool) ?? ajv.compile(tool.input);
  checks.set(tool, check);
  if (!check(input)) {
    const problems = (check.errors ?? []).map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
    return failed(`The arguments are not valid: ${problems.join("; ")}.`);
  }
  try {
    const answer = await tool.call(input as never, context);
    if ("text" in answer) return { content: [{ type: "text", text: answer.text }] };
    return { content: [{ type: "text", text: JSON.stringify(answer.data) }], structuredContent: answer.data };
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return failed(`${error.message} ${error.hint}`);
    context.app.log.warn({ err: error, tool: tool.name }, "a tool failed");
    return failed("The tool failed. The platform's log says why.");
  }
}

function failed(text: string): Result {
  return { content: [{ type: "text", text }], isError: true };
}
