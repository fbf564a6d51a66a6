import { createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "../access/caller.ts";

/** Session ids of servers as clients see them: of no use to anybody but the caller they were given to. */
export interface Seal {
  close(caller: Caller, server: string, session: string): string;
  /** Undefined when it was not given to this caller for this server. */
  open(caller: Caller, server: string, sealed: string): string | undefined;
}

/** Hosts that share the secret take each other's sessions. */
export function sealWith(secret: Buffer): Seal {
  return {
    close: (caller, server, session) =>
      `${Buffer.from(session).toString("base64url")}.${sign(caller, server, session).toString("base64url")}`,
    open(caller, server, sealed) {
      const [text = "", signature = ""] = sealed.split(".");
      const session = Buffer.from(text, "base64url").toString();
      const [given, expected] = [Buffer.from(signature, "base64url"), sign(caller, server, session)];
      return given.length === expected.length && timingSafeEqual(given, expected) ? session : undefined;
    },
  };

  function sign(caller: Caller, server: string, session: string): Buffer {
    return createHmac("sha256", secret)
      .update(JSON.stringify(["mcp session", caller.id, server, session]))
      .digest()
      .subarray(0, 18);
  }
}
