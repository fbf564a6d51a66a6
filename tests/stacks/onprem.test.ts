import { beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Evaluation } from "../../installer/engine/index.ts";
import { judge } from "../../policy/rules/index.ts";
import { resolveSettings } from "../../stacks/config/index.ts";
import { servicesFile } from "./services-file.ts";
import { tree } from "./tree.ts";

type Inputs = Record<string, unknown>;

/** The whole appliance, as its program declares it. */
describe("an appliance", () => {
  let stack: Evaluation;
  beforeAll(async () => {
    stack = await evaluated({ "stack.name": "box", "stack.kind": "onprem" });
  });
  const of = (type: string) => stack.goals.filter((goal) => goal.type === type);
  const containers = () => of("docker:index/container:Container").map(({ name, inputs }) => ({ name, inputs }));
  const container = (name: string) => containers().find((each) => each.name === name)?.inputs as Inputs;

  it("consists of these resources", async () => {
    expect(stack.errors).toEqual([]);
    await expect(tree(stack.goals)).toMatchFileSnapshot("golden/onprem.txt");
  });

  it("keeps every promise of the policy pack that is of containers", () => {
    expect(judge(stack.goals.map((goal) => ({ ...goal, dependencies: goal.propertyDependencies })))).toEqual([]);
  });

  it("gives the only front door memory for streams and compression, and offers no HTTP/3, whose packets nobody hands on", () => {
    expect(Number(container("proxy").memory)).toBeGreaterThanOrEqual(256);
    const files = of("devflow:index:ContainerFiles").find(({ name }) => name === "proxy");
    expect(JSON.stringify(files?.inputs.files)).toContain("protocols h1 h2");
  });

  it("gives Prometheus memory for what is measured of spans, and time to read its log before anybody ends it", () => {
    const { memory, waitTimeout, healthcheck } = container("metrics") as Inputs & {
      healthcheck: { startPeriod: string };
    };
    expect(Number(memory)).toBeGreaterThanOrEqual(768);
    expect(waitTimeout).toBe(900);
    expect(healthcheck.startPeriod).toBe("15m0s");
    const files = of("devflow:index:ContainerFiles").find(({ name }) => name === "metrics");
    expect(JSON.stringify(files?.inputs.files)).toContain("sample_limit: 50000");
  });

  it("publishes ports of the proxy and of nothing else, on the address that is set", () => {
    const publishing = containers().filter(({ inputs }) => inputs.ports !== undefined);
    expect(publishing.map(({ name, inputs }) => [name, inputs.ports])).toEqual([
      ["proxy", [{ internal: 4400, external: 4400, ip: "127.0.0.1" }]],
    ]);
  });

  it("has networks that lead nowhere, and lets out only who has to call others", () => {
    const networks = of("docker:index/network:Network").map(({ inputs }) => [inputs.name, inputs.internal]);
    const confined = ["platform", "runner", "runtime-db", "runtime-functions", "runtime-pictures"];
    const pair = "runtime-functions-to-runtime-db";
    expect(Object.fromEntries(networks)).toEqual({
      "devflow-box-inner": true,
      "devflow-box-outer": false,
      "devflow-box-alone": false,
      ...Object.fromEntries([...confined, pair].map((name) => [`devflow-box-of-${name}`, true])),
    });
    const on = (network: string) =>
      containers()
        .filter(({ inputs }) => (inputs.networksAdvanced as { name: string }[]).some(({ name }) => name === network))
        .map(({ name }) => name)
        .sort();
    // Webhooks and mirrors; certificates; mail and sign-on.
    expect(on("devflow-box-outer")).toEqual(["code", "proxy", "runtime-auth"]);
    // Models, mail and people's servers; actions; what people write.
    expect(on("devflow-box-alone")).toEqual(["platform", "runner", "runtime-functions"]);
    const others = containers().filter(({ name }) => !confined.includes(name));
    expect(on("devflow-box-inner")).toEqual(others.map(({ name }) => name).sort());
    expect(on("devflow-box-of-runner")).toEqual(["code", "metrics", "runner"]);
  });

  it("gives confined networks shares of one subnet, which stay when another one comes", async () => {
    const subnets = async (more: Inputs) => {
      const flags = { "stack.name": "box", "stack.kind": "onprem", "docker.confinedSubnet": "10.201.2.0/23", ...more };
      const { goals } = await evaluated(flags);
      const networks = goals.filter(({ type }) => type === "docker:index/network:Network");
      return Object.fromEntries(
        networks.flatMap(({ name, inputs }) =>
          inputs.ipamConfigs === undefined ? [] : [[name, (inputs.ipamConfigs as { subnet: string }[])[0]?.subnet]],
        ),
      );
    };
    const few = { alone: "10.201.2.0/27", platform: "10.201.2.32/27", runner: "10.201.2.64/27" };
    expect(await subnets({ "components.runtime": false })).toEqual(few);
    expect(await subnets({ "components.uptime": true })).toEqual({
      ...few,
      "runtime-db": "10.201.2.96/27",
      "runtime-functions": "10.201.2.128/27",
      "runtime-pictures": "10.201.2.160/27",
      uptime: "10.201.2.192/27",
      "runtime-functions-to-runtime-db": "10.201.2.224/27",
    });
  });

  it("lets a container do as little as possible", () => {
    const ready = of("devflow:index:ContainerReady").map(({ name }) => name);
    for (const { name, inputs } of containers()) {
      const reader = name === "log-reader";
      expect(inputs, name).toMatchObject({
        readOnly: true,
        securityOpts: ["no-new-privileges:true", ...(reader ? ["label=disable"] : [])],
        restart: "unless-stopped",
        logOpts: {
          ...{ "max-size": "10m", "max-file": "5", tag: "{{.Name}}" },
          labels: "dev.devflow.stack,dev.devflow.component,dev.devflow.workload",
        },
        capabilities: { drops: ["ALL"] },
      });
      // Root by number, without any of its rights but those below.
      expect(inputs.user, name).toMatch(reader || ["runner", "backups"].includes(name) ? /^0:0$/ : /^[1-9]\d*:\d+$/);
      expect(inputs.privileged, name).toBeUndefined();
      expect(inputs.memory, name).toBe(inputs.memorySwap);
      expect(Number(inputs.memory), name).toBeGreaterThan(32);
      // An image without anything to ask with is asked from outside.
      if (ready.includes(name)) expect(inputs.wait, name).toBeUndefined();
      else expect([name, inputs.wait, typeof inputs.healthcheck]).toEqual([name, true, "object"]);
      expect(JSON.stringify(inputs.volumes), name).not.toContain("docker.sock");
    }
    const adds = containers().flatMap(({ name, inputs }) => {
      const { adds = [] } = inputs.capabilities as { adds?: string[] };
      return adds.map((capability) => [name, capability]);
    });
    const becoming = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "KILL"];
    expect(adds).toEqual([
      ["proxy", "CAP_NET_BIND_SERVICE"],
      ...becoming.map((right) => ["runner", `CAP_${right}`]),
      ["backups", "CAP_DAC_OVERRIDE"],
    ]);
  });

  it("gives the runner its files as root's, which jobs are not, and its data as theirs", () => {
    const files = of("devflow:index:ContainerFiles").find(({ name }) => name === "runner");
    expect(files?.inputs).toMatchObject({ user: 0, group: 0 });
    const owner = of("devflow:index:VolumeOwner").find(({ name }) => name === "runner");
    expect(owner?.inputs).toMatchObject({ user: 65534, group: 65534 });
  });

  it("lets one container see a folder of the machine, read only, and that one has no right and no port", () => {
    const seeing = containers().filter(({ inputs }) => JSON.stringify(inputs.volumes).includes("hostPath"));
    expect(seeing.map(({ name }) => name)).toEqual(["log-reader"]);
    const { volumes, networksAdvanced, capabilities } = container("log-reader");
    expect(volumes).toEqual([
      { hostPath: "/var/lib/docker/containers", containerPath: "/var/log/containers", readOnly: true },
      { volumeName: "devflow-box-log-reader-data", containerPath: "/var/lib/log-reader" },
    ]);
    expect(capabilities).toEqual({ drops: ["ALL"] });
    expect(networksAdvanced).toEqual([{ name: "devflow-box-inner", aliases: ["log-reader"] }]);
  });

  it("shows no secret in what `docker inspect` shows", () => {
    const secrets = of("devflow:index:GeneratedSecret").map(({ inputs }) => `value of ${inputs.name}`);
    expect(secrets.length).toBeGreaterThan(8);
    const shown = JSON.stringify([...containers(), ...of("docker:index/network:Network")]);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    const files = JSON.stringify(of("devflow:index:ContainerFiles").map(({ inputs }) => inputs.files));
    expect(files).toContain("1b47061264138c4ac30d75fd1eb44270");
  });

  it("keeps data in volumes that outlive their component", () => {
    const volumes = of("docker:index/volume:Volume");
    const keeping = [
      ...["backups", "code", "errors", "log-reader", "logs", "metrics", "platform", "postgres", "proxy", "runner"],
      ...["runtime-db", "runtime-functions", "runtime-studio", "storage", "timescale", "traces"],
    ];
    expect(volumes.map(({ inputs }) => inputs.name).sort()).toEqual(keeping.map((name) => `devflow-box-${name}-data`));
    expect(volumes.every(({ retainOnDelete }) => retainOnDelete)).toBe(true);
  });

  it("starts what depends on another only when that one is healthy", () => {
    const urn = (name: string) => of("docker:index/container:Container").find((each) => each.name === name)?.urn;
    const waits = (name: string) =>
      of("docker:index/container:Container").find((each) => each.name === name)?.dependencies ?? [];
    expect(waits("platform")).toContain(urn("postgres"));
    expect(waits("code")).toContain(urn("postgres"));
    expect(waits("code")).toContain(urn("storage"));
    const database = of("devflow:index:PostgresDatabase")[0];
    expect(database?.dependencies).toContain(urn("postgres"));
  });

  it("reaches its wiring through the engine", () => {
    const reaches = [
      ...of("devflow:index:S3Bucket"),
      ...of("devflow:index:GiteaSignOn"),
      ...of("devflow:index:ProxySite"),
    ];
    const containers = new Set(reaches.map(({ inputs }) => (inputs.reach as Inputs).container));
    expect([...containers].sort()).toEqual(["devflow-box-postgres", "devflow-box-proxy", "devflow-box-storage"]);
  });

  it("replaces a container before it makes the new one, since both have one name and one volume", () => {
    expect(of("docker:index/container:Container").every(({ deleteBeforeReplace }) => deleteBeforeReplace)).toBe(true);
    expect(container("postgres").stopSignal).toBe("SIGINT");
    expect(container("postgres").stopTimeout).toBe(60);
  });
});

describe("an appliance of a company", () => {
  it("uses its registry, engine, subnets and outbound proxy", async () => {
    const { goals, errors } = await evaluated({
      "stack.kind": "onprem",
      "images.registry": "registry.example.com/devflow",
      "images.glue": "registry.example.com/devflow/glue:1",
      "docker.host": "tcp://box.example.com:2376",
      "docker.innerSubnet": "10.201.0.0/24",
      "docker.outboundProxy": "http://proxy.example.com:3128",
      "docker.noProxy": ".corp.example.com",
      "knowledge.allow": ["*.corp.example.com", "10.1.0.0/16"],
      "network.domain": "dev.example.com",
      "network.bind": "0.0.0.0",
      "network.email": "ops@example.com",
    });
    expect(errors).toEqual([]);
    const of = (type: string) => goals.filter((goal) => goal.type.endsWith(type));
    const images = of(":RemoteImage").map(({ inputs }) => String(inputs.name));
    expect(images).toContain("registry.example.com/devflow/library/caddy:2.11.7");
    expect(images).toContain("registry.example.com/devflow/glue:1");
    expect(images.every((name) => name.startsWith("registry.example.com/devflow/"))).toBe(true);
    expect(of("docker-build:index:Image")).toEqual([]);
    const subnets = of(":Network").map(({ name, inputs }) => [name, inputs.ipamConfigs]);
    expect(Object.fromEntries(subnets)).toEqual({ inner: [{ subnet: "10.201.0.0/24" }], outer: undefined });
    const by = (name: string) => of(":Container").find((goal) => goal.name === name)?.inputs as Inputs;
    expect(servicesFile(goals)).toMatchObject({
      resources: { gitHosting: { hooksAt: "http://platform:4401" } },
      settings: { knowledge: { allow: ["*.corp.example.com", "10.1.0.0/16"] } },
    });
    expect(by("platform").envs).toContain("HTTPS_PROXY=http://proxy.example.com:3128");
    expect(String(by("platform").envs)).toMatch(/NO_PROXY=[^,]+,.*postgres.*\.corp\.example\.com/);
    expect(String(by("postgres").envs)).not.toContain("PROXY");
    expect(by("proxy").ports).toEqual([
      { internal: 80, external: 80, ip: "0.0.0.0" },
      { internal: 443, external: 443, ip: "0.0.0.0" },
    ]);
    const reach = of("devflow:index:S3Bucket")[0]?.inputs.reach as Inputs;
    expect(reach.host).toBe("tcp://box.example.com:2376");
  });
});

function evaluated(flags: Record<string, unknown>): Promise<Evaluation> {
  return declared(resolveSettings({ flags, env: {}, cwd: "/" }).settings);
}
