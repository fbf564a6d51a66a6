import { createHmac } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Auth } from "./auth.ts";

/** Makes a session for somebody who has just proved who they are by a one-time link, and sets its cookie. */
export async function signIn(
  auth: Auth,
  secret: string,
  request: FastifyRequest,
  reply: FastifyReply,
  person: string,
): Promise<void> {
  const { internalAdapter, authCookies } = await auth.$context;
  const session = await internalAdapter.createSession(person, false, {
    ipAddress: request.ip,
    userAgent: request.headers["user-agent"] ?? null,
  });
  const { name, attributes } = authCookies.sessionToken;
  const signature = createHmac("sha256", secret).update(session.token).digest("base64");
  const value = encodeURIComponent(`${session.token}.${signature}`);
  const parts = [`${name}=${value}`, "Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${attributes.maxAge ?? 0}`];
  if (attributes.secure) parts.push("Secure");
  reply.header("set-cookie", parts.join("; "));
}
