import { bytes } from "../../terminal/human.ts";
import type { Check, CheckInput } from "../check.ts";

export const network: Check = {
  name: "network",
  title: "Network",
  why: "Programs that are not in the cache have to be fetched once; after that a stack needs no network.",
  async run(input, signal) {
    const { needs, settings } = input;
    if (needs.disk.cache === 0) return { status: "ok", result: "not needed: all programs are in the cache" };
    const missing = `${bytes(needs.disk.cache)} of programs are not in the cache`;
    if (settings.artifacts.offline !== undefined) {
      return { status: "ok", result: `${missing}; they come from ${settings.artifacts.offline}` };
    }
    const servers = await serversOf(input, signal);
    const reached = await Promise.any(
      servers.map(async (url) => {
        if (await input.facts.connects(url.hostname, portOf(url), AbortSignal.any([signal, AbortSignal.timeout(2000)])))
          return url;
        throw new Error(`${url.host} cannot be reached`);
      }),
    ).catch(() => undefined);
    if (reached) return { status: "ok", result: `${missing}; ${reached.host} can be reached` };
    return {
      status: "warn",
      result: `${missing}, and none of ${servers.map(({ host }) => host).join(", ")} can be reached`,
      fix: "Connect the machine, set HTTPS_PROXY, or name a mirror or offline folder: `./devflow config explain artifacts`",
    };
  },
};

/** Servers of which one is enough to begin: a proxy stands before all others. */
async function serversOf({ facts, settings }: CheckInput, signal: AbortSignal): Promise<URL[]> {
  const { env } = facts;
  const proxy = env.https_proxy || env.HTTPS_PROXY || env.http_proxy || env.HTTP_PROXY;
  if (proxy) return parse([proxy.includes("://") ? proxy : `http://${proxy}`]);
  const npm = await facts.exec(["npm", "config", "get", "registry"], signal);
  const { mirrors, official } = settings.artifacts;
  return parse([...Object.values(mirrors), npm.stdout.trim(), ...(official ? ["https://github.com"] : [])]);
}

function parse(addresses: string[]): URL[] {
  return addresses
    .flatMap((address) => (URL.canParse(address) ? [new URL(address)] : []))
    .filter(({ hostname }) => hostname !== "");
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "http:" ? 80 : 443);
}
