import { text as textOf } from "node:stream/consumers";
import { aiGatewayOf, type CallFor } from "../ai-gateway/contract.ts";
import { type App, untilAborted } from "../kit/index.ts";

/**
 * Asks the AI gateway and reads its whole answer. Whoever stops waiting gets their signal's reason at once; the call
 * itself goes to its end, since an injected request that is aborted fails where nobody can catch it.
 */
export async function askGateway(
  app: App,
  caller: Omit<CallFor, "service">,
  path: `/v1/${string}`,
  body: object,
  signal?: AbortSignal,
): Promise<{ status: number; model: string | undefined; text: string }> {
  signal?.throwIfAborted();
  const answering = aiGatewayOf(app)
    .call({ ...caller, service: "knowledge" }, path, body)
    .then(async ({ status, headers, body }) => {
      const model = headers["x-devflow-model"];
      return { status, model: model === undefined ? undefined : String(model), text: await textOf(body) };
    });
  return signal ? untilAborted(answering, signal) : answering;
}
