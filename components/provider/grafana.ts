import { isDeepStrictEqual } from "node:util";
import { Type } from "typebox";
import { Api, ask, basic, type Call, isThere } from "./api.ts";
import type { ResourceProvider } from "./provider.ts";

const Server = Type.Object({ api: Api, user: Type.String(), password: Type.String() });
type Server = Type.Static<typeof Server>;

const Uid = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });

const DataSource = Type.Object({
  server: Server,
  uid: Uid,
  name: Type.String(),
  type: Type.String(),
  url: Type.String({ pattern: "^https?://" }),
  isDefault: Type.Boolean(),
  jsonData: Type.Record(Type.String(), Type.Unknown()),
});
type DataSource = Type.Static<typeof DataSource>;

/** A source of data that dashboards name by its uid. */
export const grafanaDataSource: ResourceProvider<DataSource, object> = {
  inputs: DataSource,
  replaceOn: ["uid"],
  identify: ({ uid }) => uid,
  async create(inputs) {
    await ensureSource(inputs);
    return { id: inputs.uid, outputs: {} };
  },
  async update(_id, inputs) {
    await ensureSource(inputs);
    return {};
  },
  async read(uid, { server }) {
    const authorization = basic(server.user, server.password);
    return (await isThere(server.api, `/api/datasources/uid/${uid}`, { authorization })) ? {} : undefined;
  },
  async delete(uid, { server }) {
    await grafana(server, `/api/datasources/uid/${uid}`, "delete the data source", {
      method: "DELETE",
      expected: [404],
    });
  },
};

async function ensureSource({ server, ...source }: DataSource): Promise<void> {
  const path = `/api/datasources/uid/${source.uid}`;
  const wanted = { ...source, access: "proxy" };
  const found = await grafana(server, path, "look for the data source", { expected: [404] });
  if (!found.ok) {
    // 409: somebody made it meanwhile, which the change below then sets right.
    const made = await grafana(server, "/api/datasources", "make the data source", {
      method: "POST",
      body: wanted,
      expected: [409],
    });
    if (made.ok) return;
  } else if (isSame(found.body, wanted)) return;
  await grafana(server, path, "change the data source", { method: "PUT", body: wanted });
}

function isSame(found: unknown, wanted: Record<string, unknown>): boolean {
  const there = found as Record<string, unknown>;
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(there[key], value));
}

const Dashboard = Type.Object({
  server: Server,
  uid: Uid,
  /** Folder it stands in, made when there is none. */
  folder: Type.Object({ uid: Uid, title: Type.String() }),
  /** The dashboard as Grafana's JSON model, without uid. */
  model: Type.Record(Type.String(), Type.Unknown()),
});
type Dashboard = Type.Static<typeof Dashboard>;

/** A dashboard that is ours: changes made to it by hand give way to the next version; people save copies. */
export const grafanaDashboard: ResourceProvider<Dashboard, object> = {
  inputs: Dashboard,
  replaceOn: ["uid"],
  identify: ({ uid }) => uid,
  async create(inputs) {
    await ensureDashboard(inputs);
    return { id: inputs.uid, outputs: {} };
  },
  async update(_id, inputs) {
    await ensureDashboard(inputs);
    return {};
  },
  async read(uid, { server }) {
    const authorization = basic(server.user, server.password);
    return (await isThere(server.api, `/api/dashboards/uid/${uid}`, { authorization })) ? {} : undefined;
  },
  async delete(uid, { server }) {
    await grafana(server, `/api/dashboards/uid/${uid}`, "delete the dashboard", { method: "DELETE", expected: [404] });
  },
};

async function ensureDashboard({ server, uid, folder, model }: Dashboard): Promise<void> {
  // 409 and 412: it is there already.
  await grafana(server, "/api/folders", "make the folder of dashboards", {
    method: "POST",
    body: folder,
    expected: [409, 412],
  });
  await grafana(server, "/api/dashboards/db", "save the dashboard", {
    method: "POST",
    body: { dashboard: { ...model, uid, id: null }, folderUid: folder.uid, overwrite: true, message: "DevFlow" },
  });
}

function grafana({ api, user, password }: Server, path: string, what: string, call: Call) {
  return ask(api, path, what, { ...call, authorization: basic(user, password) });
}
