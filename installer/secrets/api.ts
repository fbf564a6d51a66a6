import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import { keyOf, openApi, type PlatformApi } from "../platform-api.ts";

/** The platform's own interface for secrets of organisations and projects. */
export type SecretsApi = Pick<PlatformApi, "call">;

/**
 * @param options.keyFile API key's file; else DEVFLOW_API_KEY
 * @returns undefined when there is no key
 */
export async function secretsApi(
  io: Pick<Io, "env" | "cwd">,
  { port, keyFile }: { port: number; keyFile: string | undefined },
): Promise<SecretsApi | undefined> {
  const key = await keyOf(io, keyFile);
  const api = key === undefined ? undefined : openApi({ port, key, docs: "secrets" });
  return api && { call: (method, path, body) => api.call(method, `/api/secrets${path}`, body) };
}

/** @throws DevflowError USAGE */
export function demandApi(api: SecretsApi | undefined): SecretsApi {
  if (api) return api;
  throw new DevflowError("USAGE", "Secrets of organisations and projects need an API key of the organisation.", {
    hint: "Make one in the dashboard with the scopes secrets:read and secrets:manage, and give its file as --key-file or itself in DEVFLOW_API_KEY.",
    docs: "secrets",
  });
}
