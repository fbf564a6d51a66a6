import { KeyObject } from "node:crypto";
import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  /** Where the store keeps it: `component/credential`. */
  name: Type.String({ pattern: "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$" }),
});
type Inputs = Type.Static<typeof Inputs>;

/** Both PEM. */
interface Pair {
  certificate: string;
  key: string;
}

const century = 100 * 365.25 * 24 * 3_600_000;

/**
 * A certificate that is its own authority. A port that takes only callers with a certificate of this authority takes
 * whoever has the key, and nobody else: a door of a program to itself.
 */
export const selfSignedCertificate: ResourceProvider<Inputs, Pair> = {
  inputs: Inputs,
  secretOutputs: ["key"],
  replaceOn: ["name"],
  identify: ({ name }) => name,
  async create({ name }, { host }) {
    if ((await host.secrets.get(name)) === undefined) {
      await host.secrets.set(name, JSON.stringify(await generate(name.replace("/", "-"))));
    }
    // Read again: another run may have been first.
    return { id: name, outputs: pairOf(await host.secrets.get(name)) };
  },
  async update(_name, _inputs, old) {
    return old.outputs;
  },
  /** Another machine that drives the stack has its state and not its store. */
  async read(name, _inputs, outputs, { host }) {
    const kept = await host.secrets.get(name);
    return kept === undefined ? outputs : pairOf(kept);
  },
  /** Kept, as every generated secret. */
  async delete() {},
};

async function generate(commonName: string): Promise<Pair> {
  await import("reflect-metadata");
  const { X509CertificateGenerator } = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({
    keys,
    name: `CN=${commonName}`,
    notAfter: new Date(Date.now() + century),
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
  return { certificate: made.toString("pem"), key: key.toString() };
}

function pairOf(kept: string | undefined): Pair {
  return JSON.parse(kept ?? "") as Pair;
}
