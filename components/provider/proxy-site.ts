import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import type { ResourceProvider } from "./provider.ts";
import { writeAtomic } from "./write.ts";

const Inputs = Type.Object({
  config: Type.String(),
  sites: Type.String(),
  admin: Type.String(),
  site: Type.String(),
  upstream: Type.String(),
  tls: Type.String(),
});
type Inputs = Type.Static<typeof Inputs>;

/**
 * A site file in the proxy's folder, loaded at once without a restart. The proxy reads the same folder when it starts,
 * so a site survives the proxy's own restart. A configuration the proxy refuses is taken back.
 */
export const proxySite: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  replaceOn: ["sites"],
  identify: (_inputs, { name }) => name,
  async create(inputs, { name }) {
    await put(inputs, name);
    return { id: name, outputs: {} };
  },
  async update(id, inputs) {
    await put(inputs, id);
    return {};
  },
  async read(id, inputs) {
    const found = await readFile(file(inputs, id), "utf8").catch(() => undefined);
    return found === render(inputs) ? {} : undefined;
  },
  async delete(id, inputs) {
    await rm(file(inputs, id), { force: true });
    // When the whole stack goes, the proxy may be gone before its sites.
    await load(inputs).catch(() => {});
  },
};

async function put(inputs: Inputs, id: string): Promise<void> {
  const path = file(inputs, id);
  const before = await readFile(path, "utf8").catch(() => undefined);
  await writeAtomic(path, render(inputs));
  try {
    await load(inputs);
  } catch (error) {
    if (before === undefined) await rm(path, { force: true });
    else await writeAtomic(path, before);
    throw error;
  }
}

function render({ site, upstream, tls }: Inputs): string {
  return `${site} {
	import common
	respond /internal/* 404
${tls === "internal" ? "\ttls internal\n" : ""}	reverse_proxy ${upstream}
}
`;
}

function file({ sites }: Inputs, id: string): string {
  return join(sites, `${id}.caddy`);
}

/** One at a time: each load reads every site, so the last one has them all. */
let lastLoad: Promise<void> = Promise.resolve();

function load(inputs: Inputs): Promise<void> {
  const next = lastLoad.catch(() => {}).then(() => loadNow(inputs));
  lastLoad = next;
  return next;
}

async function loadNow({ config, admin }: Inputs): Promise<void> {
  // Loaded here, since it takes long and most runs change no site.
  const { Agent, request } = await import("undici");
  const agent = new Agent({ connect: { socketPath: admin } });
  try {
    const { statusCode, body } = await request("http://localhost/load", {
      dispatcher: agent,
      method: "POST",
      headers: { "content-type": "text/caddyfile" },
      body: await readFile(config),
      headersTimeout: 15_000,
    });
    const text = await body.text();
    if (statusCode < 300) return;
    throw new DevflowError("COMPONENT_FAILED", `The proxy refused its configuration: ${text.slice(0, 500)}`, {
      hint: "See `./devflow logs proxy`; the former configuration is still served.",
    });
  } finally {
    await agent.close();
  }
}
