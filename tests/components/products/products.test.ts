import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { upstream } from "../../../components/catalogue/index.ts";
import { gatewayRoutes } from "../../../components/runtime/supabase/routes.ts";
import { type ComponentName, componentNames, resolveSettings, runs } from "../../../stacks/config/index.ts";
import { type Composition, recordedStack } from "./recorded.ts";

const everything = ["cache", "mailpit", "uptime"].map((name) => `components.${name}=true`);

let stack: Composition;
beforeAll(async () => {
  stack = await recordedStack(["profile=full", ...everything]);
});

describe("every product", () => {
  it("is composed without a mistake, from workloads that have what they ask for", () => {
    expect(stack.errors).toEqual([]);
    for (const { name, inputs } of stack.of("Workload")) {
      const { health, ports, memory, limits } = inputs;
      const port = health.port ?? health.tcp;
      if (port !== undefined) expect(Object.keys(ports), `${name} is asked on ${port}`).toContain(port);
      else expect(health.command.length, name).toBeGreaterThan(1);
      expect(memory, name).toBeGreaterThan(0);
      if (limits?.memory) expect(limits.memory, name).toBeGreaterThan(memory);
    }
  });

  it("has no two workloads of one name, and none that two kinds of program could answer for", () => {
    const names = stack.of("Workload").map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z-]*$/);
  });

  it("shows no secret on a command line or in a variable", () => {
    const secrets = stack.of("Credential").map(({ inputs }) => `${inputs.name}`.replaceAll("/", "-"));
    expect(secrets.length).toBeGreaterThan(30);
    for (const { name, inputs } of stack.of("Workload")) {
      const shown = JSON.stringify([inputs.command, inputs.env, inputs.secretEnv]);
      for (const secret of secrets) expect(shown.includes(`${secret}-0`), `${name} shows ${secret}`).toBe(false);
    }
  });

  it("is pinned to a version, in an image that two registries have", () => {
    for (const { name, inputs } of stack.of("Workload")) {
      if (!("upstream" in inputs.program)) continue;
      const { image } = upstream(inputs.program.upstream);
      if ("none" in image) throw new Error(`${name} has no image`);
      expect(image.tag, name).toMatch(/\d/);
      expect(image.registries.length, name).toBeGreaterThan(1);
    }
  });

  it("takes no more than its profile says, summed over its workloads", () => {
    const stated = stack.settings;
    const sums: Record<string, number> = {};
    for (const { name, inputs } of stack.of("Workload")) {
      const component = inputs.component ?? name;
      sums[component] = (sums[component] ?? 0) + inputs.memory;
    }
    for (const name of ["runtime", "observability", "errors", "graph", "search", "timescale", "runner"]) {
      expect([name, sums[name]]).toEqual([name, expect.any(Number)]);
    }
    expect(runs("runtime", stated)).toBe(true);
  });
});

describe("switches", () => {
  it.each([
    ["runtime", "search", "errors"] as ComponentName[],
    ["runner", "timescale", "graph", "observability"] as ComponentName[],
  ])("off leave nothing behind: %s, %s, %s …", async (...names) => {
    const without = await recordedStack(["profile=full", ...names.map((name) => `components.${name}=false`)]);
    expect(without.errors).toEqual([]);
    const components = without.of("Workload").map((one) => one.inputs.component ?? one.name);
    for (const name of names) expect(components).not.toContain(name);
    const { scrape_configs } = parse(without.workload("metrics").files["prometheus.yml"]);
    const hosts = scrape_configs.flatMap((job: { static_configs: { targets: string[] }[] }) =>
      job.static_configs.flatMap(({ targets }) => targets.map((target) => target.split(":")[0])),
    );
    const there = [...without.of("Workload").map((one) => one.name), "proxy", "127.0.0.1"];
    for (const host of hosts) expect(there).toContain(host);
  });

  it("do nothing on one's own machine, where these programs do not come from a package registry", () => {
    const { settings } = resolveSettings({ set: ["profile=full", ...everything] });
    const running = componentNames.filter((name) => runs(name, settings));
    expect(running).toEqual(["postgres", "proxy", "platform", "storage", "code", "embeddings", "metrics"]);
  });

  it("of what makes no sense alone follow what they stand on", () => {
    const { settings } = resolveSettings({
      set: ["stack.kind=onprem", "components.code=false", "components.metrics=false"],
    });
    expect(runs("runner", settings)).toBe(false);
    expect(runs("observability", settings)).toBe(false);
  });
});

describe("the runtime", () => {
  it("leads every route of its gateway to a part on the port that it has", () => {
    const { static_resources } = parse(stack.workload("runtime-gateway").files["envoy.yaml"]);
    // biome-ignore lint/suspicious/noExplicitAny: Envoy's own configuration, as deep as it is.
    const clusters: any[] = static_resources.clusters;
    for (const { to } of gatewayRoutes) if (to) expect(clusters.map(({ name }) => name)).toContain(to);
    for (const cluster of clusters.filter(({ name }) => name !== "admin")) {
      const { address, port_value } =
        cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address;
      expect(Object.values(stack.workload(address).ports), cluster.name).toContain(port_value);
    }
  });

  it("gives every part a role of its own in its database, and its tokens' keys by file", () => {
    expect(stack.workload("runtime-auth").files["secrets.env"]).toMatch(
      /^GOTRUE_DB_DATABASE_URL='postgres:\/\/supabase_auth_admin:[^@]+@runtime-db:5432\/postgres'$/m,
    );
    expect(stack.workload("runtime-rest").files["postgrest.conf"]).toMatch(/^db-uri = "postgres:\/\/authenticator:/m);
    expect(stack.workload("runtime-storage").files["secrets.env"]).toMatch(/supabase_storage_admin/);
    const [wired] = stack.of("SupabaseDatabase");
    expect(Object.keys(wired?.inputs.roles)).not.toContain("supabase_admin");
    expect(new Set(Object.values(wired?.inputs.roles)).size).toBe(Object.keys(wired?.inputs.roles).length);
  });

  it("keeps objects in the bucket where there is one, and in a folder of its own without", async () => {
    expect(stack.workload("runtime-storage").env).toMatchObject({
      STORAGE_BACKEND: "s3",
      GLOBAL_S3_BUCKET: "devflow-runtime",
    });
    const without = await recordedStack(["components.storage=false"]);
    expect(without.workload("runtime-storage")).toMatchObject({ data: true, env: { STORAGE_BACKEND: "file" } });
  });

  it("has pictures fetched from the runtime's own bucket and from nowhere else", () => {
    const { GLOBAL_S3_ENDPOINT: endpoint, GLOBAL_S3_BUCKET: bucket } = stack.workload("runtime-storage").env;
    expect(endpoint).toMatch(/^https?:\/\/[^/]+$/);
    expect(stack.workload("runtime-pictures").env.IMGPROXY_ALLOWED_SOURCES).toBe(`${endpoint}/${bucket}/`);
  });

  it("resizes pictures where there is a bucket to fetch them from, and says so to nobody without", async () => {
    expect(stack.workload("runtime-storage").env).toMatchObject({
      ENABLE_IMAGE_TRANSFORMATION: "true",
      IMGPROXY_URL: "http://runtime-pictures:5001",
    });
    const without = await recordedStack(["components.storage=false"]);
    expect(without.workload("runtime-storage").env).toMatchObject({ ENABLE_IMAGE_TRANSFORMATION: "false" });
    const there = without.of("Workload").map(({ name }) => name);
    expect(there).not.toContain("runtime-pictures");
    expect(without.workload("metrics").files["prometheus.yml"]).not.toContain("runtime-pictures");
  });

  it("starts its Erlang parts without becoming another user, which their containers have no right to", () => {
    for (const name of ["runtime-realtime", "runtime-pooler"]) {
      const { command, files } = stack.workload(name);
      const started = [...command, ...Object.values(files)].join("\n");
      expect(started, name).not.toMatch(/sudo|run\.sh|limits\.sh/);
      expect(started, name).toMatch(/migrate[\s\S]*exec \/app\/bin\/server/);
      expect(started, name).toMatch(/ulimit -n \d+/);
    }
  });

  it("lets Studio in as the role whose password it has", () => {
    const { env, files } = stack.workload("runtime-studio");
    const meta = stack.workload("runtime-meta");
    const passwordIn = (file: string, variable: string) =>
      new RegExp(`^${variable}='([^']+)'$`, "m").exec(file)?.[1] ?? "none";
    expect(env.POSTGRES_USER_READ_WRITE).toBe(meta.env.PG_META_DB_USER);
    expect(passwordIn(files["secrets.env"], "POSTGRES_PASSWORD")).toBe(
      passwordIn(meta.files["secrets.env"], "PG_META_DB_PASSWORD"),
    );
  });

  it("lets people in without a mail only where none can be sent", async () => {
    expect(stack.workload("runtime-auth").env).toMatchObject({
      GOTRUE_MAILER_AUTOCONFIRM: "false",
      GOTRUE_SMTP_HOST: "mailpit",
      GOTRUE_SMTP_PORT: "1025",
    });
    const without = await recordedStack([]);
    expect(without.workload("runtime-auth").env).toMatchObject({ GOTRUE_MAILER_AUTOCONFIRM: "true" });
  });
});

describe("the graph", () => {
  it("has the shell write the one configuration that Neo4j reads, with where its log settings are", async () => {
    const { files } = stack.workload("graph");
    const folder = await mkdtemp(join(tmpdir(), "devflow-graph-"));
    for (const [name, content] of Object.entries<string>(files)) await writeFile(join(folder, name), content);
    const script = join(folder, "start.sh");
    await writeFile(script, files["start.sh"].replaceAll("/tmp/conf", join(folder, "made")));
    const said = join(folder, "said");
    await writeFile(join(folder, "neo4j"), `#!/bin/sh\necho "$0 $* in $NEO4J_CONF" >> ${said}\n`, { mode: 0o755 });
    await copyFile(join(folder, "neo4j"), join(folder, "admin"));
    const [neo4j, admin] = [join(folder, "neo4j"), join(folder, "admin")];
    await promisify(execFile)("/bin/sh", [script, folder, join(folder, "data"), neo4j, admin, ""]);
    const made = await readFile(join(folder, "made/neo4j.conf"), "utf8");
    expect(made).toContain(files["neo4j.conf"]);
    expect(made).toContain(`server.logs.config=${folder}/server-logs.xml\n`);
    expect(made).toContain(`server.logs.user.config=${folder}/user-logs.xml\n`);
    // Before the first start, when there are no data yet, its password is set.
    const [first = "", second] = (await readFile(said, "utf8")).split("\n");
    expect(first).toBe(`${admin} dbms set-initial-password ${files.password.trim()} in ${join(folder, "made")}`);
    expect(second).toBe(`${neo4j} console in ${join(folder, "made")}`);
    await rm(folder, { recursive: true });
  });
});

describe("Git hosting", () => {
  it("puts what is uploaded where there is room, not into a folder that only its image's entry point makes", () => {
    const { image } = upstream("gitea");
    expect(stack.workload("code").env.TMPDIR).toBe(stack.workload("code").env.GITEA_WORK_DIR);
    expect("data" in image && image.data).toBe("/var/lib/gitea");
  });
});

describe("the runner", () => {
  it("has neither the engine's socket nor a shared folder, and one registration a job", () => {
    const runner = stack.workload("runner");
    expect(JSON.stringify(runner)).not.toMatch(/docker\.sock|privileged|dind/);
    expect(upstream("gitea-runner").image).toMatchObject({ user: 65534 });
    expect(runner.leads).toBe(true);
    expect(runner.files["turns.sh"]).toContain("register --no-interactive --ephemeral");
    expect(parse(runner.files["config.yaml"]).cache).toEqual({ enabled: false });
    expect(parse(runner.files["config.yaml"]).runner.labels.every((label: string) => label.endsWith(":host"))).toBe(
      true,
    );
    expect(stack.of("GiteaRunnerToken")[0]?.inputs.server.api).toMatchObject({
      url: "http://code:4403",
      component: "code",
    });
  });
});

describe("search", () => {
  it("deploys the application package of this checkout when the config server answers", () => {
    expect(stack.workload("search").health).toEqual({ http: "/state/v1/health", port: "config" });
    const [application] = stack.of("VespaApplication");
    expect(Object.keys(application?.inputs.files)).toEqual(expect.arrayContaining(["services.xml"]));
    expect(application?.inputs.query.url).toBe("http://search:8080");
  });
});

describe("the runtime's database", () => {
  it("accepts more connections than its parts take together, each of which has a bound", () => {
    const all = JSON.stringify(stack.all.filter(({ name }) => name.startsWith("runtime-"))).replaceAll("\\\\n", "\n");
    const told = (pattern: RegExp) => Number(pattern.exec(all)?.[1] ?? Number.NaN);
    const parts = [
      told(/GOTRUE_DB_MAX_POOL_SIZE":"(\d+)/),
      told(/db-pool = (\d+)/),
      told(/DATABASE_MAX_CONNECTIONS":"(\d+)/),
      told(/POOLER_DEFAULT_POOL_SIZE":"(\d+)/),
    ];
    // Realtime, postgres-meta, Studio, functions and what measures them have pools of a handful of their own.
    const sum = parts.reduce((one, other) => one + other, 0) + 50;
    expect(sum).toBeLessThan(told(/max_connections=(\d+)/));
  });
});
