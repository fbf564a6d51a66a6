/** The protocols of providers that the gateway speaks. */
export const providerKinds = ["openai", "anthropic", "google", "bedrock", "openai-compatible"] as const;
export type ProviderKind = (typeof providerKinds)[number];
