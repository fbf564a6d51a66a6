/** Fields of requests and answers that hold what is said. */
const roots = ["messages", "system", "input", "instructions", "prompt", "choices", "output", "content"];
/** Fields below them that hold names and addresses rather than texts. */
const names = new Set([
  "role",
  "type",
  "id",
  "name",
  "model",
  "object",
  "tool_call_id",
  "call_id",
  "tool_use_id",
  "url",
  "image_url",
  "data",
  "file_data",
  "file_id",
  "filename",
  "detail",
  "media_type",
  "format",
  "status",
  "finish_reason",
  "stop_reason",
  "encrypted_content",
  "signature",
  "logprobs",
  "annotations",
]);

type Change = (text: string, role: string) => string;

/** A body with every text in it changed; the same object when none was. */
export function changeTexts<Body extends object>(body: Body, change: Change): Body {
  const changed: Record<string, unknown> = {};
  for (const root of roots) {
    const value = (body as Record<string, unknown>)[root];
    const role =
      root === "system" || root === "instructions"
        ? "system"
        : root === "choices" || root === "output" || root === "content"
          ? "assistant"
          : "user";
    const now = value === undefined ? undefined : within(value, change, role);
    if (now !== value) changed[root] = now;
  }
  return Object.keys(changed).length === 0 ? body : { ...body, ...changed };
}

function within(value: unknown, change: Change, role: string): unknown {
  if (typeof value === "string") return isData(value) ? value : change(value, role);
  if (Array.isArray(value)) {
    const now = value.map((one) => within(one, change, role));
    return now.some((one, at) => one !== value[at]) ? now : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const own = "role" in value && typeof value.role === "string" ? value.role : roleOf(value, role);
  let now: Record<string, unknown> | undefined;
  for (const [name, field] of Object.entries(value)) {
    if (names.has(name)) continue;
    const changed = within(field, change, own);
    if (changed === field) continue;
    now ??= { ...value };
    now[name] = changed;
  }
  return now ?? value;
}

function roleOf(value: object, role: string): string {
  const type = "type" in value ? value.type : undefined;
  return type === "tool_result" || type === "function_call_output" ? "tool" : role;
}

/** Pictures and sound in the body. */
function isData(text: string): boolean {
  return text.startsWith("data:") || (text.length > 4096 && /^[A-Za-z0-9+/=_-]+$/.test(text.slice(0, 4096)));
}
