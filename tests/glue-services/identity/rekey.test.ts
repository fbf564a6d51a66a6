import { expect, test } from "vitest";
import { identity } from "../../../glue-services/identity/app.ts";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { cloneDatabase } from "../build.ts";
import { firstAdministrator, origin, type Platform, platformOf, secret, strong, Visitor } from "./platform.ts";
import { totp } from "./totp.ts";

test("with a new secret second factors and signing keys stay, and the former secret opens nothing any more", async () => {
  const { url, owner } = await cloneDatabase();
  const next = "another-secret-another-secret-another-secret";
  const first = await host(secret);
  const ada = await firstAdministrator(first.on);
  const enabled = await ada.send("POST", "/api/auth/two-factor/enable", { password: strong });
  const { totpURI, backupCodes } = enabled.json() as { totpURI: string; backupCodes: string[] };
  await ada.send("POST", "/api/auth/two-factor/verify-totp", { code: totp(totpURI) });
  const keys = (await ada.send("GET", "/api/auth/jwks")).json();
  const before = await encrypted();
  await first.app.close();

  // While both are valid, and afterwards; a second start finds nothing left to do.
  for (const former of [secret, secret, undefined]) {
    const { app, on } = await host(next, former);
    const visitor = new Visitor(on.app);
    const asked = await visitor.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
    expect(asked.json()).toMatchObject({ twoFactorRedirect: true });
    const code = backupCodes.pop();
    const entered = await visitor.send("POST", "/api/auth/two-factor/verify-backup-code", { code });
    expect(entered.statusCode, entered.body).toBe(200);
    expect((await visitor.send("GET", "/api/identity/me")).statusCode).toBe(200);
    expect((await visitor.send("GET", "/api/auth/jwks")).json()).toEqual(keys);
    // A cookie that the former secret signed lets nobody in.
    expect((await other(app, ada).send("GET", "/api/identity/me")).statusCode).toBe(401);
    await app.close();
  }
  const after = await encrypted();
  for (const value of before) expect(after).not.toContain(value);

  async function host(current: string, formerSecret?: string) {
    const service = identity({ publicUrl: origin, secret: current, formerSecret, clients: [] });
    const app = await buildApp({
      ...{ version: "1", logLevel: "silent", services: [service], verify: service.verify },
      database: { url },
    });
    await app.ready();
    return { app, on: platformOf({ app, url, owner }) };
  }

  function other(app: Platform["app"], who: Visitor): Visitor {
    const same = new Visitor(app);
    for (const [name, value] of who.cookies) same.cookies.set(name, value);
    return same;
  }

  async function encrypted(): Promise<string[]> {
    const { rows } = await owner.query<{ value: string }>(
      `select secret as value from identity."twoFactor" union all select "privateKey" from identity.jwks`,
    );
    expect(rows).toHaveLength(2);
    return rows.map(({ value }) => value);
  }
});
