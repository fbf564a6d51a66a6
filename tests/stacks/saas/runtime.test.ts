import { expect, test } from "vitest";
import { declare, find, type Manifest, manifestsOf } from "./manifests.ts";

const auth = (manifests: Manifest[]): Record<string, string> => {
  const { env } = find(manifests, "Deployment", "runtime-auth").spec.template.spec.containers[0];
  return Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
};

test("M12: sign-in to apps sends people back to the apps' own addresses, by a mail relay of one's own, counted by client", async () => {
  const { errors, ...evaluation } = await declare({
    "components.runtime": true,
    "runtime.redirects": ["https://*.preview.example.com/**", "https://app.example.com"],
    "runtime.mail": { host: "smtp.example.com", port: 25, from: "apps@example.com" },
  });
  expect(errors).toEqual([]);
  expect(auth(manifestsOf({ errors, ...evaluation }))).toMatchObject({
    GOTRUE_SITE_URL: "https://app.example.com",
    GOTRUE_URI_ALLOW_LIST:
      "https://runtime.dev.example.com/**,https://*.preview.example.com/**,https://app.example.com",
    GOTRUE_SMTP_HOST: "smtp.example.com",
    GOTRUE_SMTP_PORT: "25",
    GOTRUE_SMTP_ADMIN_EMAIL: "apps@example.com",
    GOTRUE_MAILER_AUTOCONFIRM: "false",
    GOTRUE_RATE_LIMIT_HEADER: "X-Client-Address",
  });
});

test("M12: without any of it sign-in leads to the runtime's own address, and asks nobody to confirm one", async () => {
  const manifests = manifestsOf(await declare({ "components.runtime": true }));
  expect(auth(manifests)).toMatchObject({
    GOTRUE_SITE_URL: "https://runtime.dev.example.com",
    GOTRUE_URI_ALLOW_LIST: "https://runtime.dev.example.com/**",
    GOTRUE_MAILER_AUTOCONFIRM: "true",
  });
  expect(auth(manifests).GOTRUE_SMTP_HOST).toBeUndefined();
});
