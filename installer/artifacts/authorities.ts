import * as tls from "node:tls";

let trusted = false;

/**
 * Lets this process trust what the system trusts, besides Node's own list and NODE_EXTRA_CA_CERTS: an organisation's
 * private authority is installed in the system. Done once, before the first download, since reading them takes a while.
 */
export function trustSystemAuthorities(): void {
  // Node before 24.5 cannot; NODE_EXTRA_CA_CERTS does the same there.
  if (trusted || typeof tls.setDefaultCACertificates !== "function") return;
  trusted = true;
  tls.setDefaultCACertificates([...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])]);
}
