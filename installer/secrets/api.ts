import { readFile } from "node:fs/promises";
import { DevflowError, type ErrorCode } from "../../components/error.ts";
import { unreadable } from "./value.ts";

/** The platform's own interface for secrets of organisations and projects. */
export interface SecretsApi {
  call<Answer>(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: object): Promise<Answer>;
}

/**
 * @param options.key API key; its file, else DEVFLOW_API_KEY. It is sent to this machine's own address only.
 * @returns undefined when there is no key
 */
export async function secretsApi(options: {
  port: number;
  keyFile: string | undefined;
  env: NodeJS.ProcessEnv;
}): Promise<SecretsApi | undefined> {
  const { keyFile, env, port } = options;
  const read =
    keyFile && (await readFile(keyFile, "utf8").catch((error) => Promise.reject(unreadable(keyFile, error))));
  const key = (read || env.DEVFLOW_API_KEY || "").trim();
  if (key === "") return undefined;
  return {
    async call(method, path, body) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/secrets${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      }).catch((cause: unknown) => {
        throw new DevflowError("NOT_RUNNING", "The platform does not answer.", {
          hint: "./devflow up starts it; ./devflow status says how it is.",
          cause,
        });
      });
      const text = await answer.text();
      const data = text === "" ? undefined : JSON.parse(text);
      if (answer.ok) return data;
      throw refused(
        data?.error ?? { code: "INTERNAL", message: `HTTP ${answer.status}`, hint: "See ./devflow logs platform." },
      );
    },
  };
}

/** @throws DevflowError USAGE */
export function demandApi(api: SecretsApi | undefined): SecretsApi {
  if (api) return api;
  throw new DevflowError("USAGE", "Secrets of organisations and projects need an API key of the organisation.", {
    hint: "Make one in the dashboard with the scopes secrets:read and secrets:manage, and give its file as --key-file or itself in DEVFLOW_API_KEY.",
    docs: "secrets",
  });
}

const codes: Record<string, ErrorCode> = {
  NOT_FOUND: "NOT_FOUND",
  UNAVAILABLE: "COMMAND_FAILED",
  INTERNAL: "COMMAND_FAILED",
};

function refused({ code, message, hint }: { code: string; message: string; hint: string }): DevflowError {
  return new DevflowError(codes[code] ?? "USAGE", message, { hint, docs: "secrets" });
}
