import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";
import saml from "samlify";

/** A SAML identity provider of somebody else's: its own key and certificate, real requests and signed responses. */
export interface SamlProvider {
  entityId: string;
  entryPoint: string;
  /** PEM. */
  certificate: string;
  /** What its sign-in page answers a request with, as the form that the person's browser posts back. */
  answer(request: URL, email: string, spMetadata: string): Promise<{ SAMLResponse: string; RelayState: string }>;
}

export async function samlProvider(entityId = "https://idp.corp.example/metadata"): Promise<SamlProvider> {
  const { certificate, privateKey } = await signingKey();
  const entryPoint = "https://idp.corp.example/sso";
  const idp = saml.IdentityProvider({
    entityID: entityId,
    privateKey,
    signingCert: certificate,
    isAssertionEncrypted: false,
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    nameIDFormat: ["urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"],
    singleSignOnService: [
      { Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location: entryPoint },
      { Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", Location: entryPoint },
    ],
  });
  return {
    entityId,
    entryPoint,
    certificate,
    async answer(request, email, spMetadata) {
      const sp = saml.ServiceProvider({ metadata: spMetadata });
      const query = Object.fromEntries(request.searchParams);
      const asked = await idp.parseLoginRequest(sp, "redirect", { query });
      const { context } = await idp.createLoginResponse(sp, { extract: asked.extract }, "post", { email });
      return { SAMLResponse: context, RelayState: query.RelayState ?? "" };
    },
  };
}

async function signingKey(): Promise<{ certificate: string; privateKey: string }> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const made = await X509CertificateGenerator.createSelfSigned({
    name: "CN=idp.corp.example",
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 3_600_000),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g)?.join("\n");
  return {
    certificate: made.toString("pem"),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}
