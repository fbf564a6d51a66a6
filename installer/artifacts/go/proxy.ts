import { standardGoProxy } from "../registry.ts";
import type { Run } from "../run.ts";
import { Skipped } from "../skipped.ts";
import { bare } from "../web.ts";

/**
 * The module proxies that answer for a module, as a GOPROXY list. `direct` is left out: it would ask the hosts of two
 * hundred projects one by one, and go.sum vouches for the bytes wherever they come from.
 * @throws Skipped when none answers
 */
export async function goProxies(
  module: string,
  version: string,
  configured: string,
  run: Run,
  signal: AbortSignal,
): Promise<string> {
  const list = (run.settings.mirrors.go ?? (configured || standardGoProxy()))
    .split(/[,|]/)
    .map((entry) => entry.trim());
  const candidates = list.filter((entry) => entry !== "" && entry !== "direct" && entry !== "off");
  if (candidates.length === 0) throw new Skipped("no Go module proxy is configured (GOPROXY is off or direct)");
  const answering: string[] = [];
  const reasons: string[] = [];
  for (const proxy of candidates) {
    try {
      if (!proxy.startsWith("file:")) await probe(proxy, module, version, run, signal);
      answering.push(proxy);
    } catch (error) {
      if (!(error instanceof Skipped)) throw error;
      reasons.push(error.message);
    }
  }
  if (answering.length === 0) throw new Skipped(`no Go module proxy has it: ${reasons.join("; ")}`);
  return answering.join(",");
}

async function probe(proxy: string, module: string, version: string, run: Run, signal: AbortSignal): Promise<void> {
  // Proxies write capital letters as "!" and the small letter.
  const escaped = module.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  const answer = await run.web.get(`${proxy.replace(/\/+$/, "")}/${escaped}/@v/${version}.info`, { signal });
  await answer.body.dump();
}

/** For messages. */
export function withoutSecrets(text: string, proxies: string): string {
  return proxies.split(",").reduce((shown, proxy) => shown.replaceAll(proxy, bare(proxy)), text);
}
