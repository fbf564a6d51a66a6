import { createServer } from "node:net";
import { interpolate, output } from "@pulumi/pulumi";
import { beforeAll, describe } from "vitest";
import { Postgres } from "../../components/platform/postgres/index.ts";
import { ReverseProxy } from "../../components/platform/proxy/index.ts";
import { Storage } from "../../components/platform/storage/index.ts";
import { Bucket } from "../../components/primitives/bucket/index.ts";
import { Credential } from "../../components/primitives/credential/index.ts";
import { Database } from "../../components/primitives/database/index.ts";
import { Job } from "../../components/primitives/job/index.ts";
import { Route } from "../../components/primitives/route/index.ts";
import { Workload } from "../../components/primitives/workload/index.ts";
import { recipeTables } from "../../components/support.ts";
import { portsFrom } from "../../stacks/ports.ts";
import { type Case, testComponent } from "./component.ts";

let port = 0;
beforeAll(async () => {
  port = await freeBlock();
});

const cases: Record<string, Pick<Case, "make" | "answers">> = {
  Credential: {
    answers: ["value"],
    make: () => new Credential("thing", { name: "thing/key" }),
  },
  Job: {
    answers: ["done"],
    make: () => new Job("thing", { upstream: "caddy", command: (program) => [program("bin/caddy"), "version"] }),
  },
  Workload: {
    answers: ["host", "name"],
    make: () =>
      new Workload("thing", {
        program: { upstream: "caddy" },
        command: (at) => [at.program("bin/caddy"), "respond", "--listen", `127.0.0.1:${port}`, "hello"],
        env: (at) => ({ HOME: at.data(), XDG_CONFIG_HOME: at.data() }),
        data: true,
        ports: { http: port },
        health: { http: "/", port: "http" },
        memory: 50,
      }),
  },
  Database: {
    answers: ["host", "port", "database", "user", "password"],
    make: () => {
      const server = new Postgres("postgres", { port, sharedBuffers: 16, maxConnections: 20 });
      return new Database("thing", { server: server.outputs, name: "thing", extensions: ["vector"] });
    },
  },
  Bucket: {
    answers: ["endpoint", "bucket", "accessKey", "secretKey"],
    make: () => {
      const server = new Storage("storage", { ports: portsFrom(port).storage, memory: 512 });
      return new Bucket("thing", { server: server.outputs.server, name: "thing" });
    },
  },
  Route: {
    answers: ["url"],
    make: () => {
      const proxy = new ReverseProxy("proxy", {
        ...{
          domain: "localhost",
          bind: "127.0.0.1",
          port,
          tls: "off",
          email: "",
          metricsPort: port + 1,
          trustedProxies: [],
        },
      });
      const upstream = interpolate`127.0.0.1:${output(port + 1)}`;
      return new Route("thing", {
        proxy: proxy.outputs.server,
        subdomain: "thing",
        to: { workload: "thing", port: port + 1 },
        upstream,
      });
    },
  },
};

for (const [name, recipes] of Object.entries(recipeTables)) {
  describe(name, () => {
    const made = cases[name];
    if (!made) throw new Error(`the contract has no case for ${name}`);
    testComponent(name, { recipes, ...made });
  });
}

/** The first of twenty ports that nobody listens on. */
async function freeBlock(): Promise<number> {
  for (let first = 20_000 + (process.pid % 1000) * 20; ; first += 20) {
    const free = await Promise.all(Array.from({ length: 20 }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(candidate: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(candidate, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
