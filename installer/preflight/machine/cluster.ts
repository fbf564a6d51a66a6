import { request as overHttp } from "node:http";
import { request as overHttps, type RequestOptions } from "node:https";
import type { KubernetesObject } from "@kubernetes/client-node";
import { DevflowError } from "../../../components/error.ts";
import { connect } from "../../../components/provider/kubernetes/cluster.ts";

/** What preflight asks of a cluster; nothing is changed. */
export interface ClusterView {
  version(): Promise<{ name: string; version: string; minor: number }>;
  /** Kinds of a group and version; none when the cluster does not have it. */
  kinds(api: string): Promise<string[]>;
  /** Objects of the whole cluster, by the plural of their kind; none when the cluster does not have it. */
  list(api: string, plural: string): Promise<{ name: string; isDefault: boolean }[]>;
  hasReadyPod(namespace: string): Promise<boolean>;
  /** Objects at a path of the API; none when the cluster has no such thing. */
  objects(path: string): Promise<Found[]>;
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** The parts of an object that a check looks at; each kind has some of them. */
export interface Found extends KubernetesObject {
  spec?: {
    controller?: string;
    controllerName?: string;
    containers?: { command?: string[]; args?: string[] }[];
  };
  status?: { conditions?: Condition[]; listeners?: { conditions?: Condition[] }[] };
}

interface Listed extends KubernetesObject {
  items?: Found[];
  resources?: { kind: string; name: string }[];
  gitVersion?: string;
  minor?: string;
}

/** @throws DevflowError CONFIG_INVALID for a kubeconfig without such a cluster; COMPONENT_FAILED when it does not answer */
export async function viewCluster(
  from: { kubeconfig?: string; context?: string },
  signal: AbortSignal,
): Promise<ClusterView> {
  const { config } = await connect(from);
  const server = config.getCurrentCluster()?.server ?? "";
  return {
    async version() {
      const { gitVersion = "", minor = "" } = (await get("/version")) ?? {};
      return { name: config.getCurrentContext(), version: gitVersion, minor: Number.parseInt(minor, 10) };
    },
    async kinds(api) {
      return ((await get(`/apis/${api}`))?.resources ?? []).map(({ kind }) => kind);
    },
    async list(api, plural) {
      return ((await get(`/apis/${api}/${plural}`))?.items ?? []).map(({ metadata }) => ({
        name: metadata?.name ?? "",
        isDefault: metadata?.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
      }));
    },
    async objects(path) {
      return (await get(path))?.items ?? [];
    },
    async hasReadyPod(namespace) {
      const { items = [] } = (await get(`/api/v1/namespaces/${namespace}/pods`)) ?? {};
      return items.some(({ status }) =>
        status?.conditions?.some(({ type, status: its }) => type === "Ready" && its === "True"),
      );
    },
  };

  /** The answer to a question, undefined where the cluster has no such thing. */
  async function get(path: string): Promise<Listed | undefined> {
    const options: RequestOptions = { method: "GET", signal };
    await config.applyToHTTPSOptions(options);
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const send = server.startsWith("https:") ? overHttps : overHttp;
      const call = send(`${server}${path}`, options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: body }));
      });
      call.on("error", reject);
      call.end();
    }).catch((cause: unknown) => {
      throw silent(server, cause);
    });
    if (status === 404) return undefined;
    if (status < 300) return JSON.parse(text) as Listed;
    throw denied(path, status, text);
  }
}

function silent(server: string, cause: unknown): DevflowError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DevflowError("COMPONENT_FAILED", `The cluster at ${server} does not answer: ${reason}.`, {
    hint: "See whether `kubectl version` answers with the same kubeconfig and context.",
    cause,
  });
}

function denied(path: string, status: number, text: string): DevflowError {
  const told = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? `HTTP ${status}`;
  const hint =
    status === 401
      ? "Sign in to the cluster again: its API does not know who you are."
      : `Ask for the right to it (${path}); docs/kubernetes.md says which rights \`up\` needs.`;
  return new DevflowError("COMPONENT_FAILED", `The cluster refused: ${told}.`, { hint });
}
