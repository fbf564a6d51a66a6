import { connect, type PeerCertificate } from "node:tls";
import { isRealDomain } from "../../../stacks/config/formats.ts";
import { duration } from "../../terminal/human.ts";
import type { Diagnosis, Rule } from "../diagnosis.ts";

const day = 86_400_000;
/** Certificates of 90 days are renewed when a third is left; inside this something keeps that from happening. */
const soon = 14 * day;

/** The certificate that the proxy shows for the domain. Nothing to say while nobody answers: other rules see that. */
export const certificate: Rule = {
  id: "certificate",
  async run({ settings, needs, facts }, signal) {
    const { domain, tls, bind } = settings.network;
    if (tls !== "auto" || !isRealDomain(domain)) return [];
    const host = bind === "0.0.0.0" || bind === "::" ? "127.0.0.1" : bind;
    const shown = await certificateOf(
      host,
      needs.ports.find(({ component, port }) => component === "proxy" && port !== 80)?.port ?? 443,
      domain,
      signal,
    );
    if (!shown?.valid_to) return [];
    const left = Date.parse(shown.valid_to) - facts.now();
    if (left > soon) return [];
    return [expiring(domain, left, shown)];
  },
};

function expiring(domain: string, left: number, shown: PeerCertificate): Diagnosis {
  const when = left < 0 ? `ran out ${duration(-left / 1000)} ago` : `runs out in ${duration(left / 1000)}`;
  return {
    id: "certificate",
    severity: left < 0 ? "error" : "warning",
    title: `the certificate of ${domain} ${when}`,
    detail: "The proxy renews certificates by itself, so something keeps the authority from reaching ports 80 and 443.",
    evidence: [
      `valid until ${shown.valid_to}`,
      `issued by ${shown.issuer?.O ?? shown.issuer?.CN ?? "an unknown authority"}`,
    ],
    fix: { command: "./devflow logs proxy | grep -i acme", safe: false },
  };
}

function certificateOf(
  host: string,
  port: number,
  servername: string,
  signal: AbortSignal,
): Promise<PeerCertificate | undefined> {
  return new Promise((resolve) => {
    // What is asked is what it shows, not whether it can be trusted.
    const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: 3000 });
    const end = (answer?: PeerCertificate) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("secureConnect", () => end(socket.getPeerCertificate()));
    socket.once("error", () => end());
    socket.once("timeout", () => end());
    signal.addEventListener("abort", () => end(), { once: true });
  });
}
