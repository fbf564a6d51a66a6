import { outgoingOf } from "../call/outgoing.ts";
import { isAzure, isOldAzure } from "./base.ts";
import type { Health } from "./health.ts";
import type { Pools, Provider } from "./provider.ts";

export interface Checked extends Health {
  /** Models that it names. */
  models: string[];
}

/** Of a model that every account of Bedrock has. */
const converse = "/model/amazon.nova-micro-v1%3A0/converse";

/** Milliseconds it may take to answer. */
const patience = 10_000;

/**
 * Asks a provider whether it takes a key, without a call that somebody would be billed for: for its models, and where
 * anybody may see these or it has no such list, with a question that has no messages, which it refuses only after it
 * looked at the key.
 *
 * @param key the key itself; undefined: without one
 */
export async function checkProvider(pools: Pools, provider: Provider, key: string | undefined): Promise<Checked> {
  try {
    const listed = provider.kind === "bedrock" ? undefined : await listModels(pools, provider, key);
    if (listed && (isRefusal(listed) || listed.status >= 500)) return judged(listed, [], key);
    const models = listed?.status === 200 ? modelsIn(listed.text) : [];
    const isProof = listed?.status === 200 && provider.kind !== "openai-compatible";
    if (isProof) return { state: "answers", said: null, models };
    const asked = await askNothing(pools, provider, key, models[0] ?? "devflow-check");
    // Any other answer came after it had looked at the key.
    if (isRefusal(asked) || asked.status >= 500) return judged(asked, models, key);
    if (!listed || listed.status === 200 || asked.status !== 404) return { state: "answers", said: null, models };
    return { state: "failing", said: await wherePossibly(pools, provider, key), models };
  } catch (error) {
    return { state: "failing", said: reasonOf(error), models: [] };
  }
}

/** Where the API is, if only the version that most servers have in their address was left out. */
async function wherePossibly(pools: Pools, provider: Provider, key: string | undefined): Promise<string> {
  const nothing = "Nothing at this address speaks the API";
  const base = new URL(provider.base);
  if (/\/v\d[^/]*$/.test(base.pathname)) return `${nothing}: check the address.`;
  base.pathname = `${base.pathname.replace(/\/$/, "")}/v1`;
  const there = await listModels(pools, { ...provider, base }, key).catch(() => undefined);
  const speaks = there && (isRefusal(there) || modelsIn(there.text).length > 0);
  return speaks ? `${nothing}, but at ${base.href} it is spoken: enter that.` : `${nothing}: check the address.`;
}

interface Heard {
  status: number;
  text: string;
}

async function listModels(pools: Pools, provider: Provider, key: string | undefined): Promise<Heard> {
  const { base } = provider;
  const root = base.pathname === "/" ? "" : base.pathname;
  const azure = isOldAzure(base) && !root.endsWith("/openai") ? "/openai" : "";
  const headers: Record<string, string> = { accept: "application/json" };
  if (key !== undefined) {
    if (provider.kind === "anthropic") headers["x-api-key"] = key;
    else if (isAzure(base)) headers["api-key"] = key;
    else headers.authorization = `Bearer ${key}`;
  }
  if (provider.kind === "anthropic") headers["anthropic-version"] = "2023-06-01";
  return heard(
    await pools.of(provider).request({
      method: "GET",
      path: `${root}${azure}/models${base.search}`,
      headers,
      signal: AbortSignal.timeout(patience),
    }),
  );
}

async function askNothing(pools: Pools, provider: Provider, key: string | undefined, model: string): Promise<Heard> {
  const { kind } = provider;
  const path = kind === "anthropic" ? "/messages" : kind === "bedrock" ? converse : "/chat/completions";
  const body = JSON.stringify(kind === "bedrock" ? { messages: [] } : { model, messages: [], max_tokens: 1 });
  const headers = {
    ...{ "content-type": "application/json", accept: "application/json" },
    ...(kind === "anthropic" && { "anthropic-version": "2023-06-01" }),
  };
  const outgoing = await outgoingOf(provider, { path, body, headers }, model, key);
  return heard(
    await pools.of(provider).request({
      method: "POST",
      path: outgoing.path,
      headers: outgoing.headers,
      body: outgoing.body,
      signal: AbortSignal.timeout(patience),
    }),
  );
}

/** No more than a list of models may be long. */
async function heard({
  statusCode,
  body,
}: {
  statusCode: number;
  body: AsyncIterable<Buffer> & { destroy(): unknown };
}): Promise<Heard> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > 4 * 1024 * 1024) {
      body.destroy();
      break;
    }
  }
  return { status: statusCode, text: Buffer.concat(parts).toString() };
}

function isRefusal({ status, text }: Heard): boolean {
  // Google calls a wrong key a wrong argument.
  return status === 401 || status === 403 || (status === 400 && /api[ _]key not valid|API_KEY_INVALID/i.test(text));
}

function judged({ status, text }: Heard, models: string[], key: string | undefined): Checked {
  const said = `${wordsOf(text) ?? "no reason given"} (status ${status})`;
  // Some repeat what they were given.
  const safe = key ? said.replaceAll(key, "…") : said;
  return { state: isRefusal({ status, text }) ? "refused" : "failing", said: safe.slice(0, 300), models };
}

function modelsIn(text: string): string[] {
  try {
    const { data } = JSON.parse(text) as { data?: { id?: unknown }[] };
    const names = (Array.isArray(data) ? data : []).map((one) => one?.id);
    return names.filter((name): name is string => typeof name === "string").slice(0, 1000);
  } catch {
    return [];
  }
}

function wordsOf(text: string): string | undefined {
  try {
    const { error, message } = JSON.parse(text) as { error?: { message?: unknown } | string; message?: unknown };
    const words = typeof error === "string" ? error : (error?.message ?? message);
    return typeof words === "string" && words !== "" ? words : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code, name, message } = error as { code?: string; name?: string; message: string };
  if (name === "TimeoutError") return `No answer within ${patience / 1000} s.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "The name of the address is not known.";
  if (code === "ECONNREFUSED") return "Nothing listens at the address.";
  return message || "It cannot be reached.";
}
