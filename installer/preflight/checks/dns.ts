import { isRealDomain } from "../../../stacks/config/formats.ts";
import type { Check } from "../check.ts";

export const dns: Check = {
  name: "dns",
  title: "Domain",
  why: "A certificate can be issued, and people can come in, only when the domain leads to this machine.",
  async run({ facts, settings }) {
    const { domain } = settings.network;
    if (!isRealDomain(domain)) return { status: "skipped", result: `${domain} needs no DNS` };
    const names = [domain, `code.${domain}`];
    const found = await Promise.all(names.map(async (name) => ({ name, addresses: await facts.lookup(name) })));
    const missing = found.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name);
    if (missing.length > 0) {
      return {
        // Without a certificate authority the names of this machine's own hosts file, made later, are good enough.
        status: settings.network.tls === "auto" ? "fail" : "warn",
        result: `${missing.join(" and ")} ${missing.length === 1 ? "does" : "do"} not resolve`,
        fix: `Add an A record for ${domain} and one for *.${domain}, or use network.domain=localhost.`,
        data: found,
      };
    }
    const own = new Set(facts.addresses());
    const elsewhere = found.find(({ addresses }) => !addresses.some((address) => own.has(address)));
    if (elsewhere) {
      return {
        status: "warn",
        result: `${elsewhere.name} is ${elsewhere.addresses.join(", ")}, which is no address of this machine`,
        fix: "Right behind a router or load balancer that passes ports 80 and 443 on to this machine; else correct the record.",
        data: found,
      };
    }
    return { status: "ok", result: `${names.join(" and ")} lead here`, data: found };
  },
};
