import { hash } from "node:crypto";
import { type Identity, takeIdentity, type Verifier } from "../kit/index.ts";
import type { IdentityService } from "./app.ts";
import { identityChannel, identityContract } from "./contract.ts";
import { presentedBy } from "./presented.ts";

/** Milliseconds an identity is known without asking again. Notifications end it sooner; this bounds a lost one. */
const fresh = 1500;
/** Identities remembered at most. */
const most = 10_000;

/** For a host that does not run the identity service: whom a request comes from, it asks the one that does. */
export function identityElsewhere(): IdentityService {
  const known = new Map<string, { at: number; identity: Promise<Identity | undefined> }>();
  const verify: Verifier = (request) => {
    const presented = presentedBy(request);
    if (presented.authorization === undefined && presented.cookie === undefined) return Promise.resolve(undefined);
    const id = hash("sha256", JSON.stringify(presented), "base64");
    const found = known.get(id);
    if (found && performance.now() - found.at < fresh) return found.identity;
    const identity = request.server
      .use(identityContract)
      .verify(presented)
      .then((told) => (told ? takeIdentity(told) : undefined));
    const entry = { at: performance.now(), identity };
    if (known.size >= most) known.clear();
    known.set(id, entry);
    // Neither an invalid one nor an outage is kept: a key works as soon as it is made.
    const forget = () => void (known.get(id) === entry && known.delete(id));
    identity.then((one) => one ?? forget(), forget);
    return identity;
  };
  return {
    name: "identity",
    verify,
    register(app) {
      let heard: { close(): void } | undefined;
      app.addHook("onReady", async () => {
        if (app.hasDecorator("listener")) heard = await app.listener.on(identityChannel, () => known.clear());
      });
      app.addHook("preClose", async () => heard?.close());
    },
  };
}
