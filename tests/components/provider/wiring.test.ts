import { createPrivateKey, createPublicKey, verify, X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboards } from "../../../components/platform/observability/dashboards.ts";
import { applicationPackage } from "../../../components/platform/search/package.ts";
import { giteaApplication, giteaRunnerToken, giteaWebhook } from "../../../components/provider/gitea-wiring.ts";
import { grafanaDashboard, grafanaDataSource } from "../../../components/provider/grafana.ts";
import { postgresRole } from "../../../components/provider/postgres-role.ts";
import { selfSignedCertificate } from "../../../components/provider/self-signed.ts";
import { supabaseDatabase } from "../../../components/provider/supabase-database.ts";
import { supabaseKeys } from "../../../components/provider/supabase-keys.ts";
import { vespaApplication } from "../../../components/provider/vespa-application.ts";
import { sharedServer } from "../../glue-services/build.ts";
import { freePort, type Gitea, startGitea } from "../../glue-services/identity/gitea.ts";
import { type TestHost, testHost } from "../host.ts";
import { testProvider } from "./contract.ts";
import { type Asked, standIn } from "./stand-in.ts";

let host: TestHost;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  host = await testHost();
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await host.dispose();
});

describe("Gitea", () => {
  let gitea: Gitea;
  beforeAll(async () => {
    gitea = await startGitea(await freePort(), "http://localhost:1", {
      actions: true,
      ended: (end) => void ends.push(end),
    });
  });
  const server = () => ({ api: { url: gitea.url, component: "code" }, user: gitea.user, password: gitea.password });
  const hook = () => ({
    server: server(),
    url: "http://platform:4401/hooks/code",
    secret: "a secret of the hook",
    events: ["push"],
  });
  const application = () => ({
    server: server(),
    name: "Deployer",
    redirectUris: ["http://deployer.localhost/callback"],
    confidential: true,
  });

  testProvider(giteaRunnerToken, {
    resource: "GiteaRunnerToken",
    host: () => host,
    inputs: () => ({ server: server() }),
    keeps: true,
  });
  testProvider(giteaWebhook, {
    resource: "GiteaWebhook",
    host: () => host,
    inputs: hook,
    changed: (inputs) => ({ ...inputs, events: ["push", "pull_request"] }),
  });
  testProvider(giteaApplication, {
    resource: "GiteaApplication",
    host: () => host,
    inputs: application,
    changed: (inputs) => ({ ...inputs, redirectUris: [...inputs.redirectUris, "http://deployer.localhost/other"] }),
  });

  it("has one webhook, active, with the events that were asked for", async () => {
    await giteaWebhook.create(hook(), host.context("hook"));
    const authorization = `Basic ${Buffer.from(`${gitea.user}:${gitea.password}`).toString("base64")}`;
    const answer = await fetch(`${gitea.url}/api/v1/admin/hooks?type=all`, { headers: { authorization } });
    const hooks = (await answer.json()) as { config: { url: string }; events: string[]; active: boolean }[];
    const ours = hooks.filter(({ config }) => config.url === hook().url);
    expect(ours).toMatchObject([{ active: true, events: ["push"] }]);
  });

  it("gives an application the client that it lets sign in, and another secret only when ours is lost", async () => {
    const context = host.context("application");
    const first = await giteaApplication.create(application(), context);
    expect(first.outputs.clientSecret.length).toBeGreaterThan(20);
    await host.secrets.set("code/application-deployer", "");
    const second = await giteaApplication.create(application(), context);
    expect(second.outputs.clientId).toBe(first.outputs.clientId);
    expect(second.outputs.clientSecret).not.toBe(first.outputs.clientSecret);
  });

  it("says what it refused, to whom, and never the password", async () => {
    const wrong = { server: { ...server(), password: "not the password" } };
    const refused = giteaRunnerToken.create(wrong, host.context("wrong"));
    await expect(refused).rejects.toThrow(/Could not ask for a runner's token in code: HTTP 401/);
    await expect(refused).rejects.not.toThrow(/not the password/);
  });
});

describe("PostgreSQL roles", () => {
  const access = async () => {
    const { port } = await sharedServer();
    return { host: "127.0.0.1", port, user: "postgres", password: "tests-only" };
  };
  const name = `monitor_${process.pid}`;
  const role = async () => ({
    server: await access(),
    name,
    password: "a password of the role",
    memberOf: ["pg_monitor"],
  });
  testProvider(postgresRole, {
    resource: "PostgresRole",
    host: () => host,
    inputs: role,
    changed: (inputs) => ({ ...inputs, memberOf: ["pg_read_all_stats"] }),
  });

  it("of the runtime get their passwords, and its inner database its schemas, as often as it is asked for", async () => {
    const server = await access();
    const [database, member] = [`inner_${process.pid}`, `member_${process.pid}`];
    const admin = new pg.Client({ ...server, database: "postgres" });
    await admin.connect();
    await admin.query(`CREATE ROLE ${member} LOGIN`);
    const inputs = {
      server,
      roles: { [member]: "a password of the member" },
      schemas: { [database]: ["_analytics", "_supavisor"] },
      settings: {},
    };
    const context = host.context("runtime");
    await supabaseDatabase.create(inputs, context);
    await supabaseDatabase.create(inputs, context);
    const client = new pg.Client({ ...server, user: member, password: "a password of the member", database });
    await client.connect();
    const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE '\\_%' ORDER BY 1");
    expect(rows.map(({ nspname }) => nspname)).toEqual(["_analytics", "_supavisor"]);
    await client.end();
    await admin.query(`DROP DATABASE ${database}`);
    await admin.query(`DROP ROLE ${member}`);
    await admin.end();
    const strange = { ...inputs, roles: { nobody_here: "a password of nobody" }, schemas: {} };
    await expect(supabaseDatabase.create(strange, context)).rejects.toThrow(/has no role nobody_here/);
  });
});

describe("the runtime's keys", () => {
  const inputs = { name: "runtime/api-keys", jwtSecret: "a shared secret of at least thirty-two characters" };
  testProvider(supabaseKeys, { resource: "SupabaseKeys", host: () => host, inputs: () => inputs, keeps: true });

  it("are of the new kinds, and their tokens are signed by the key that everybody can verify", async () => {
    const { outputs } = await supabaseKeys.create(inputs, host.context("keys"));
    expect(outputs.publishable).toMatch(/^sb_publishable_[\w-]{22}_[\w-]{8}$/);
    expect(outputs.secret).toMatch(/^sb_secret_[\w-]{22}_[\w-]{8}$/);
    const { keys } = JSON.parse(outputs.verifyingKeys);
    expect(keys[0].d).toBeUndefined();
    const [head = "", body = "", signature = ""] = outputs.serviceToken.split(".");
    const key = createPublicKey({ key: keys[0], format: "jwk" });
    const signed = verify(
      "SHA256",
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    expect(signed).toBe(true);
    expect(JSON.parse(Buffer.from(head, "base64url").toString()).kid).toBe(keys[0].kid);
    expect(JSON.parse(Buffer.from(body, "base64url").toString())).toMatchObject({ role: "service_role" });
  });
});

describe("a certificate that is its own authority", () => {
  const inputs = { name: "thing/own-certificate" };
  const resource = "SelfSignedCertificate";
  testProvider(selfSignedCertificate, { resource, host: () => host, inputs: () => inputs, keeps: true });

  it("is signed by the key that comes with it, and stays the same where only the state of the stack is known", async () => {
    const { id, outputs } = await selfSignedCertificate.create(inputs, host.context("certificate"));
    const certificate = new X509Certificate(outputs.certificate);
    expect(certificate.verify(createPublicKey(outputs.key))).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(outputs.key))).toBe(true);
    const elsewhere = await testHost();
    const known = await selfSignedCertificate.read?.(id, inputs, outputs, elsewhere.context("certificate"));
    expect(known).toEqual(outputs);
    await elsewhere.dispose();
  });
});

describe("Vespa's API, as it is documented", () => {
  let deployed: string[] = [];
  let refuses = false;
  let vespa: Awaited<ReturnType<typeof standIn>>;
  beforeAll(async () => {
    let asks = 0;
    vespa = await standIn(({ method, path, body }) => {
      if (path === "/application/v2/tenant/default/prepareandactivate" && method === "POST") {
        if (refuses)
          return { status: 400, body: { "error-code": "INVALID_APPLICATION_PACKAGE", message: "In schema chunk: no" } };
        deployed = pathsIn(gunzipSync(body));
        return { status: 200, body: { log: [], message: "Session 2 for tenant 'default' prepared and activated." } };
      }
      if (path === "/application/v2/tenant/default/application/default")
        return { status: deployed.length ? 200 : 404, body: {} };
      if (path === "/state/v1/health") return { status: ++asks % 2 ? 503 : 200, body: { status: { code: "up" } } };
      return { status: 404 };
    });
    ends.push(vespa.close);
  });
  const inputs = () => ({ config: vespa.api, query: vespa.api, files: applicationPackage() });
  testProvider(vespaApplication, {
    resource: "VespaApplication",
    host: () => host,
    inputs,
    changed: (given) => ({ ...given, files: { ...given.files, "rules.txt": "more" } }),
    keeps: true,
  });

  it("is given the whole package, and its own words for what is wrong with it are shown", async () => {
    await vespaApplication.create(inputs(), host.context("search"));
    expect(deployed).toEqual(Object.keys(applicationPackage()).sort());
    refuses = true;
    await expect(vespaApplication.create(inputs(), host.context("search"))).rejects.toThrow(/In schema chunk: no/);
  });
});

describe("Grafana's API, as it is documented", () => {
  const there = new Map<string, Record<string, unknown>>();
  let grafana: Awaited<ReturnType<typeof standIn>>;
  beforeAll(async () => {
    grafana = await standIn(answer);
    ends.push(grafana.close);
  });
  const server = () => ({ api: grafana.api, user: "devflow", password: "a password" });
  testProvider(grafanaDataSource, {
    resource: "GrafanaDataSource",
    host: () => host,
    inputs: () => ({
      server: server(),
      uid: "logs",
      name: "Logs",
      type: "loki",
      url: "http://logs:3100",
      isDefault: false,
      jsonData: {},
    }),
    changed: (inputs) => ({ ...inputs, url: "http://logs:3101" }),
  });
  testProvider(grafanaDashboard, {
    resource: "GrafanaDashboard",
    host: () => host,
    inputs: () => ({
      server: server(),
      uid: "devflow-overview",
      folder: { uid: "devflow", title: "DevFlow" },
      model: dashboards(["overview"])["devflow-overview"] ?? {},
    }),
    changed: (inputs) => ({ ...inputs, model: { ...inputs.model, title: "Other" } }),
  });

  it("is not asked to change a data source that is as it should be", async () => {
    const same = {
      server: server(),
      uid: "same",
      name: "Same",
      type: "loki",
      url: "http://logs:3100",
      isDefault: false,
      jsonData: {},
    };
    await grafanaDataSource.create(same, host.context("same"));
    const before = grafana.asked.length;
    await grafanaDataSource.create(same, host.context("same"));
    expect(grafana.asked.slice(before).map(({ method }) => method)).toEqual(["GET"]);
  });

  function answer({ method, path, body }: Asked): { status: number; body?: unknown } {
    const given = body.length ? JSON.parse(body.toString()) : {};
    if (path === "/api/folders") {
      if (there.has("folder")) return { status: 412, body: { message: "a folder with the same uid exists" } };
      there.set("folder", given);
      return { status: 200, body: given };
    }
    if (path === "/api/datasources" && method === "POST") {
      if (there.has(given.uid))
        return { status: 409, body: { message: "data source with the same name already exists" } };
      there.set(given.uid, given);
      return { status: 200, body: { datasource: given } };
    }
    if (path === "/api/dashboards/db") {
      there.set(given.dashboard.uid, given.dashboard);
      return { status: 200, body: { uid: given.dashboard.uid, status: "success" } };
    }
    const uid = path.split("/").at(-1) ?? "";
    if (!there.has(uid)) return { status: 404, body: { message: "not found" } };
    if (method === "DELETE") there.delete(uid);
    if (method === "PUT") there.set(uid, given);
    return { status: 200, body: there.get(uid) };
  }
});

/** Names of the entries of a tar. */
function pathsIn(archive: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    names.push(archive.toString("utf8", at, at + 100).replace(/\0.*$/s, ""));
    const size = Number.parseInt(archive.toString("utf8", at + 124, at + 136), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}
