import type { FastifyRequest } from "fastify";
import type { App } from "../kit/index.ts";
import { secretsContract } from "../secrets/contract.ts";

/** Where mail goes out. */
export interface MailServer {
  /** `smtp://user:password@host:587`, or `smtps://`. */
  url: string;
  /** Address of the sender. */
  from: string;
}

/** Sends an invitation by mail where the platform can. @returns whether a mail server took it */
export type Mailer = (request: FastifyRequest, invitation: { to: string; link: string }) => Promise<boolean>;

/**
 * Mails by the server given, else by the platform's own secret `SMTP_URL`, with `MAIL_FROM` as the sender. They are read
 * for each mail, so that a change counts at once. A mail that cannot be sent is a line in the log: the link itself is
 * always shown to whoever made it.
 */
export function mailerOf(app: App, { publicUrl, given }: { publicUrl: string; given: MailServer | undefined }): Mailer {
  return async (request, { to, link }) => {
    try {
      const server = given ?? (await configured(app, request, publicUrl));
      if (!server) return false;
      await send(server, { to, link });
      return true;
    } catch (error) {
      request.log.warn({ err: error }, "the invitation could not be mailed");
      return false;
    }
  };
}

async function configured(app: App, request: FastifyRequest, publicUrl: string): Promise<MailServer | undefined> {
  if (!app.reaches(secretsContract)) return undefined;
  const secrets = app.use(secretsContract);
  const asked = { reader: request.identity, purpose: "to mail an invitation" };
  const url = await secrets.own({ ...asked, name: "SMTP_URL" });
  if (url === null) return undefined;
  const from = await secrets.own({ ...asked, name: "MAIL_FROM" });
  return { url, from: from ?? `devflow@${new URL(publicUrl).hostname}` };
}

async function send({ url, from }: MailServer, { to, link }: { to: string; link: string }): Promise<void> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ url, connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 });
  try {
    await transport.sendMail({
      from,
      to,
      subject: "You are invited to DevFlow",
      text: `You are invited to DevFlow. This link works once, for seven days:\n\n${link}\n\nIf you did not expect this, do nothing.\n`,
    });
  } finally {
    transport.close();
  }
}
