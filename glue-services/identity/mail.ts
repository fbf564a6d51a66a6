/** Sends what the service has to say by mail. */
export interface Mail {
  /** @returns true once the server has taken it */
  invite(to: string, link: string): Promise<boolean>;
}

/**
 * @param url `smtp://user:password@host:587`, or `smtps://`
 * @param from address of the sender
 */
export function smtp(url: string, from: string): Mail {
  return {
    async invite(to, link) {
      const { createTransport } = await import("nodemailer");
      const transport = createTransport({ url, connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 });
      await transport.sendMail({
        from,
        to,
        subject: "You are invited to DevFlow",
        text: `You are invited to DevFlow. This link works once, for seven days:\n\n${link}\n\nIf you did not expect this, do nothing.\n`,
      });
      transport.close();
      return true;
    },
  };
}
