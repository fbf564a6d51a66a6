import type { Io } from "../commands/command.ts";
import { type PlatformApi, platformApi } from "../platform-api.ts";
import type { StackOptions } from "../stack.ts";

/** The platform's own interface for secrets of organisations and projects. */
export type SecretsApi = Pick<PlatformApi, "call">;

/** @throws DevflowError as `platformApi` does */
export async function secretsApi(io: Io, options: StackOptions & { keyFile?: string }): Promise<SecretsApi> {
  const api = await platformApi(io, options, {
    needs: "Secrets of organisations and projects",
    scopes: "secrets:read and secrets:manage",
    docs: "secrets",
  });
  return { call: (method, path, body) => api.call(method, `/api/secrets${path}`, body) };
}
