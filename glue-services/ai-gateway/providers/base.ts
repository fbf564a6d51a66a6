import type { ProviderKind } from "../schemas.ts";

/** Where each kind answers when nobody says otherwise. */
const usual: Record<ProviderKind, string> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  // Google's own endpoint for clients of OpenAI's API.
  google: "https://generativelanguage.googleapis.com/v1beta/openai",
  bedrock: "https://bedrock-runtime.us-east-1.amazonaws.com",
  "openai-compatible": "http://127.0.0.1:11434/v1",
};

/** Addresses of one call, which are pasted where the address of the API is asked for. */
const calls = /\/(chat\/completions|completions|responses|messages|embeddings|models)$/;

/**
 * The address below which a provider's API is, from the address as people write it: with a slash at its end, as an SDK
 * wants it, or copied from an example of one call. A server of OpenAI's API may have it anywhere, so there nothing is added.
 *
 * @param written undefined: the provider's own
 */
export function baseOf(kind: ProviderKind, written: string | undefined): URL {
  const base = new URL(written ?? usual[kind]);
  const path = base.pathname.replace(/\/+$/, "").replace(calls, "").replace(/\/+$/, "");
  base.pathname = added[kind]?.(path, base) ?? path;
  return base;
}

const added: Partial<Record<ProviderKind, (path: string, base: URL) => string>> = {
  // Anthropic's SDKs, and the servers that imitate it, name the address without its version.
  anthropic: (path) => (/\/v\d[^/]*$/.test(path) ? path : `${path}/v1`),
  openai: (path, base) => (path !== "" || base.search !== "" ? path : isAzureHost(base) ? "/openai/v1" : "/v1"),
  google(path, { hostname }) {
    if (!hostname.endsWith(".googleapis.com")) return path;
    return path === "" ? "/v1beta/openai" : /^\/v\d[^/]*$/.test(path) ? `${path}/openai` : path;
  },
};

function isAzureHost({ hostname }: URL): boolean {
  return hostname.endsWith(".azure.com");
}

export function isAzure(base: URL): boolean {
  return isAzureHost(base) || base.searchParams.has("api-version");
}

/** Azure before its API `v1`: with a version by its date, and the model in the address. */
export function isOldAzure(base: URL): boolean {
  return base.searchParams.has("api-version") && !base.pathname.endsWith("/openai/v1");
}
