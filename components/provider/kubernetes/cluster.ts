import type { KubeConfig } from "@kubernetes/client-node";
import { DevflowError } from "../../error.ts";
import type { Reach } from "../reach/reach.ts";

export type InCluster = Extract<Reach, { kind: "kubernetes" }>;

/**
 * The Kubernetes project's client, pointed at a cluster. It is loaded here only: an install for `local` leaves it out.
 * @throws DevflowError CONFIG_INVALID for a kubeconfig that names no cluster, or not the wanted one
 */
export async function connect({ kubeconfig, context }: Pick<InCluster, "kubeconfig" | "context">) {
  const client = await import("@kubernetes/client-node");
  const config = new client.KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (isContent(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw noCluster(`The kubeconfig cannot be read: ${messageOf(cause)}.`, cause);
  }
  if (context !== undefined) choose(config, context);
  if (!config.getCurrentCluster()) throw noCluster("The kubeconfig names no cluster.");
  return { client, config };
}

/** What the API answered, as an error that says what to do. */
export function refused(what: string, cause: unknown): DevflowError {
  const code = codeOf(cause);
  const hint =
    code === 401
      ? "Sign in to the cluster again: its API does not know who you are."
      : code === 403
        ? "Ask for the right to it: wiring needs get and list of pods, and create of pods/portforward and pods/exec."
        : "See whether `kubectl get pods` answers with the same kubeconfig and context, and run `./devflow up` again.";
  return new DevflowError("COMPONENT_FAILED", `Could not ${what}: ${reasonOf(cause)}`, { hint, cause });
}

/** A file's path has one line and does not begin as YAML or JSON does. */
function isContent(kubeconfig: string): boolean {
  return kubeconfig.includes("\n") || kubeconfig.trimStart().startsWith("{");
}

function choose(config: KubeConfig, context: string): void {
  if (!config.getContextObject(context)) {
    const known = config.getContexts().map(({ name }) => name);
    throw noCluster(`The kubeconfig has no context named ${context}; it has ${known.join(", ") || "none"}.`);
  }
  config.setCurrentContext(context);
}

function noCluster(message: string, cause?: unknown): DevflowError {
  return new DevflowError("CONFIG_INVALID", message, {
    hint: "Set kubernetes.kubeconfig and kubernetes.context, or KUBECONFIG.",
    ...(cause !== undefined && { cause }),
  });
}

/** Of an answer by HTTP, or of an upgrade to a WebSocket that was refused. */
function codeOf(cause: unknown): number | undefined {
  const { code } = cause as { code?: unknown };
  if (typeof code === "number") return code;
  const refusal = /Unexpected server response: (\d{3})/.exec(messageOf(cause))?.[1];
  return refusal === undefined ? undefined : Number(refusal);
}

/** The API says in `message` of its body what is wrong; the client's own message repeats headers and all. */
function reasonOf(cause: unknown): string {
  const { body } = cause as { body?: unknown };
  const told = typeof body === "string" ? /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] : undefined;
  return told ?? messageOf(cause).split("\n")[0] ?? "it gave no reason";
}

function messageOf(cause: unknown): string {
  const { message, error } = cause as { message?: unknown; error?: { message?: unknown } };
  return String(message || error?.message || cause);
}
