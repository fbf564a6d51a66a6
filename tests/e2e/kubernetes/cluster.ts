import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import * as k8s from "@kubernetes/client-node";

export type ApiObject = k8s.KubernetesObject & {
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind, whose parts the test names.
  [part: string]: any;
};

interface Resource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/**
 * A cluster as the tests speak to it. Objects travel as they are: the client's own serializer knows the kinds and would
 * leave out what it does not know, which is just what the tests want to be told of.
 */
export class Cluster {
  readonly core: k8s.CoreV1Api;
  readonly #config = new k8s.KubeConfig();
  readonly #resources = new Map<string, Promise<Resource[]>>();

  constructor(kubeconfig: string) {
    this.#config.loadFromString(kubeconfig);
    this.core = this.#config.makeApiClient(k8s.CoreV1Api);
  }

  /** By server-side apply, as Pulumi's provider does it, with every field checked. */
  async apply(object: ApiObject): Promise<ApiObject> {
    const path = await this.#pathOf(object);
    return this.#call("PATCH", `${path}?fieldManager=devflow&force=true&fieldValidation=Strict`, object);
  }

  /** Says of an object that it is ready, as its operator does. */
  async setReady(object: ApiObject): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const status = {
      conditions: [
        { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: new Date().toISOString() },
      ],
    };
    const path = `${await this.#pathOf(object)}/status?fieldManager=operator&force=true`;
    await this.#call("PATCH", path, {
      ...{ apiVersion, kind, status },
      metadata: { name: metadata?.name, namespace: metadata?.namespace },
    });
  }

  async remove(apiVersion: string, kind: string, name: string, namespace?: string): Promise<void> {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    await this.#call("DELETE", await this.#pathOf({ apiVersion, kind, metadata }));
  }

  /** Makes a kind known, and waits until the API serves it. */
  async define(definition: ApiObject): Promise<void> {
    const { name } = (await this.apply(definition)).metadata ?? {};
    await this.until(
      `definition ${name}`,
      () => this.read("apiextensions.k8s.io/v1", "CustomResourceDefinition", `${name}`),
      ({ status }) =>
        status?.conditions?.some(
          ({ type, status: its }: { type: string; status: string }) => type === "Established" && its === "True",
        ),
    );
  }

  async read(apiVersion: string, kind: string, name: string, namespace?: string): Promise<ApiObject> {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    return this.#call("GET", await this.#pathOf({ apiVersion, kind, metadata }));
  }

  /** @throws when it does not become so within the time, with what it is instead */
  async until<Value>(what: string, look: () => Promise<Value>, right: (value: Value) => boolean, seconds = 120) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const value = await look();
      if (right(value)) return value;
      if (Date.now() > end) throw new Error(`${what} did not come about: ${JSON.stringify(value)?.slice(0, 3000)}`);
      await sleep(250);
    }
  }

  /** Three nodes in three zones, as kwok runs them. */
  async addNodes(cores: number, memory: number): Promise<void> {
    const resources = { cpu: String(cores), memory: `${memory}Gi`, pods: "110", "ephemeral-storage": "100Gi" };
    for (const zone of ["a", "b", "c"]) {
      const name = `node-${zone}`;
      const labels = {
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/zone": zone,
        "kubernetes.io/os": "linux",
      };
      await this.core.createNode({
        body: { metadata: { name, labels }, status: { allocatable: resources, capacity: resources } },
      });
    }
    await this.until(
      "readiness of the nodes",
      async () => (await this.core.listNode()).items,
      (nodes) => nodes.length === 3 && nodes.every(({ status }) => isReady(status?.conditions)),
    );
  }

  async #pathOf({ apiVersion = "", kind, metadata }: ApiObject): Promise<string> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let resource = (await this.#known(base)).find((one) => one.kind === kind);
    if (!resource) {
      // A definition that was made since brings its kind along.
      this.#resources.delete(base);
      resource = (await this.#known(base)).find((one) => one.kind === kind);
    }
    if (!resource) throw new Error(`the cluster does not know ${apiVersion} ${kind}`);
    const within = resource.namespaced ? `/namespaces/${metadata?.namespace}` : "";
    return `${base}${within}/${resource.name}/${metadata?.name}`;
  }

  #known(base: string): Promise<Resource[]> {
    const asked =
      this.#resources.get(base) ??
      this.#call("GET", base).then(({ resources }) =>
        (resources as Resource[]).filter(({ name }) => !name.includes("/")),
      );
    this.#resources.set(base, asked);
    return asked;
  }

  async #call(method: string, path: string, body?: object): Promise<ApiObject> {
    const server = this.#config.getCurrentCluster()?.server ?? "";
    const headers = {
      authorization: `Bearer ${this.#config.getCurrentUser()?.token}`,
      ...(body && { "content-type": "application/apply-patch+yaml" }),
    };
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(`${server}${path}`, { method, headers, rejectUnauthorized: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      call.on("error", reject);
      call.end(body && JSON.stringify(body));
    });
    if (status < 300) return JSON.parse(text) as ApiObject;
    throw new Error(`${status} ${(JSON.parse(text) as { message?: string }).message}`);
  }
}

/** Whether a node's or a pod's conditions say so. */
export function isReady(conditions: { type: string; status: string }[] | undefined): boolean {
  return conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}
