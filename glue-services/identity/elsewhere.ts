import { hash } from "node:crypto";
import { takeIdentity, type Verifier } from "../kit/index.ts";
import type { IdentityService } from "./app.ts";
import { identityChannel, identityContract } from "./contract.ts";
import { presentedBy } from "./presented.ts";
import { rememberIdentities } from "./remembered.ts";

/** For a host that does not run the identity service: whom a request comes from, it asks the one that does. */
export function identityElsewhere(): IdentityService {
  const known = rememberIdentities();
  const verify: Verifier = (request) => {
    const presented = presentedBy(request);
    if (presented.authorization === undefined && presented.cookie === undefined) return Promise.resolve(undefined);
    return known.get(hash("sha256", JSON.stringify(presented), "base64"), async () => {
      const told = await request.server.use(identityContract).verify(presented);
      return told ? takeIdentity(told) : undefined;
    });
  };
  return {
    name: "identity",
    verify,
    register(app) {
      let heard: { close(): void } | undefined;
      app.addHook("onReady", async () => {
        if (app.hasDecorator("listener")) heard = await app.listener.on(identityChannel, known.forget);
      });
      app.addHook("preClose", async () => heard?.close());
    },
  };
}
