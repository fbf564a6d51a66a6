import { DevflowError } from "../../components/error.ts";
import type { Probe } from "../../components/provider/process.ts";

/** @throws DevflowError USAGE when a probe lacks what its kind needs; its schema cannot say so. */
export function refuseUnusableProbe(probe: Probe): void {
  const problem = problems[probe.kind](probe);
  if (!problem) return;
  throw new DevflowError("USAGE", `The readiness probe cannot work: ${problem}.`, {
    hint: "http takes `url`, tcp takes `port`, command takes `command`.",
  });
}

const problems: Record<Probe["kind"], (probe: Probe) => string | undefined> = {
  http: ({ url = "" }) =>
    /^https?:$/.test(URL.parse(url)?.protocol ?? "") ? undefined : `${url || "no url"} is no web address`,
  tcp: ({ port }) => (port === undefined ? "it has no port" : undefined),
  command: ({ command }) => (command === undefined ? "it has no command" : undefined),
};
