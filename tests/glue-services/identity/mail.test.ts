import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { secretsService } from "../secrets/service.ts";
import { firstAdministrator, platform } from "./platform.ts";

interface Letter {
  from: string;
  to: string[];
  text: string;
}

/** A mail server that takes letters from whoever knows the password. */
async function postOffice(): Promise<{ url: string; letters: Letter[] }> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === "mailer" && password === "planted-password"
        ? done(null, { user: username })
        : done(new Error("535 not known")),
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        letters.push({ from, to: envelope.rcptTo.map(({ address }) => address), text: String(Buffer.concat(parts)) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve(undefined))));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://mailer:planted-password@127.0.0.1:${port}`, letters };
}

test("an invitation is mailed by the server that the platform's secrets name, from when they name one", async () => {
  const { url, letters } = await postOffice();
  const secrets = await secretsService();
  const lines: string[] = [];
  const on = await platform({}, [secrets.service], {
    logLevel: "warn",
    logStream: { write: (line) => lines.push(line) },
  });
  const ada = await firstAdministrator(on);
  const invite = async (email: string) =>
    (await ada.send("POST", "/api/identity/invitations", { email, roles: ["viewer"] })).json() as {
      mailed: boolean;
      link: string;
    };
  expect((await invite("early@example.com")).mailed).toBe(false);

  await writeFile(secrets.platformFile, `SMTP_URL=${url}\nMAIL_FROM=devflow@example.com\n`, { mode: 0o600 });
  const { mailed, link } = await invite("dev@example.com");
  expect(mailed).toBe(true);
  expect(letters).toMatchObject([{ from: "devflow@example.com", to: ["dev@example.com"] }]);
  expect(letters[0]?.text.replaceAll("=\r\n", "").replaceAll("=3D", "=")).toContain(link);

  // A wrong password is told in the log alone, without itself; the link is there all the same.
  await writeFile(secrets.platformFile, `SMTP_URL=${url.replace("planted-password", "wrong-planted")}\n`, {
    mode: 0o600,
  });
  const failed = await invite("late@example.com");
  expect(failed.mailed).toBe(false);
  expect(failed.link).toMatch(/\/join#/);
  expect(lines.join("\n")).toContain("could not be mailed");
  expect(lines.join("\n")).not.toMatch(/planted/);

  const audit = (await ada.send("GET", "/api/secrets/audit")).json() as { name: string; action: string }[];
  expect(audit).toContainEqual(expect.objectContaining({ name: "SMTP_URL", action: "read" }));
});

test("how mail is sent is given to nobody who asks for a secret", async () => {
  const secrets = await secretsService({ platform: "SMTP_URL=smtp://planted\nSHARED=planted-shared\n" });
  const on = await platform({}, [secrets.service]);
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: ["secrets:resolve"] })).json() as {
    key: string;
  };
  const resolve = (name: string) =>
    on.app.inject({
      method: "POST",
      url: "/api/secrets/resolve",
      headers: { authorization: `Bearer ${key}` },
      payload: { name, purpose: "a test" },
    });
  await ada.send("PUT", "/api/secrets/OWN", { value: "planted-own" });
  expect((await resolve("OWN")).json()).toMatchObject({ value: "planted-own" });
  expect((await resolve("SHARED")).statusCode).toBe(404);
  expect((await resolve("SMTP_URL")).statusCode).toBe(404);
});
