import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";
import { proxyFolder } from "./proxy-folder.ts";
import { Reach } from "./reach/index.ts";

const Inputs = Type.Object({
  config: Type.String(),
  sites: Type.String(),
  admin: Type.String(),
  /** Where the proxy is in a container: the way to it, and the program that loads its sites. */
  reach: Type.Optional(Reach),
  program: Type.Optional(Type.String()),
  site: Type.String(),
  upstream: Type.String(),
  tls: Type.String(),
});
export type ProxySiteInputs = Type.Static<typeof Inputs>;

/**
 * A site file in the proxy's folder, loaded at once without a restart. The proxy reads the same folder when it starts,
 * so a site survives the proxy's own restart. A configuration the proxy refuses is taken back.
 */
export const proxySite: ResourceProvider<ProxySiteInputs, object> = {
  inputs: Inputs,
  replaceOn: ["sites"],
  identify: (_inputs, { name }) => name,
  async create(inputs, { name, signal }) {
    await put(inputs, name, signal);
    return { id: name, outputs: {} };
  },
  async update(id, inputs, _old, { signal }) {
    await put(inputs, id, signal);
    return {};
  },
  async read(id, inputs, _outputs, { signal }) {
    const found = await proxyFolder(inputs, signal).read(file(id));
    return found === render(inputs) ? {} : undefined;
  },
  async delete(id, inputs, _outputs, { signal }) {
    // When the whole stack goes, the proxy may be gone before its sites.
    const folder = proxyFolder(inputs, signal);
    await oneAtATime(async () => {
      await folder.remove(file(id));
      await folder.load();
    }).catch(() => {});
  },
};

async function put(inputs: ProxySiteInputs, id: string, signal: AbortSignal): Promise<void> {
  const folder = proxyFolder(inputs, signal);
  await oneAtATime(async () => {
    const before = await folder.read(file(id));
    await folder.write(file(id), render(inputs));
    try {
      await folder.load();
    } catch (error) {
      if (before === undefined) await folder.remove(file(id));
      else await folder.write(file(id), before);
      throw error;
    }
  });
}

function render({ site, upstream, tls }: ProxySiteInputs): string {
  return `${site} {
	import common
	respond /internal/* 404
${tls === "internal" ? "\ttls internal\n" : ""}	reverse_proxy ${upstream}
}
`;
}

function file(id: string): string {
  return `${id}.caddy`;
}

/** Each load reads every site, so the last one has them all; a faulty one must not make another's load fail. */
let last: Promise<void> = Promise.resolve();

function oneAtATime(work: () => Promise<void>): Promise<void> {
  const next = last.catch(() => {}).then(work);
  last = next;
  return next;
}
