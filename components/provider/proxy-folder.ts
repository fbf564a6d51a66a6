import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DevflowError } from "../error.ts";
import { dockerEngine } from "./docker/engine.ts";
import { executeIn } from "./docker/exec.ts";
import { readFileIn, writeFileIn } from "./docker/file.ts";
import type { ProxySiteInputs } from "./proxy-site.ts";
import type { Reach } from "./reach/index.ts";
import { writeAtomic } from "./write.ts";

/** The proxy's folder of sites, wherever the proxy is. */
export interface ProxyFolder {
  /** undefined when there is no such file. */
  read(name: string): Promise<string | undefined>;
  write(name: string, content: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes the running proxy serve what the folder holds. @throws DevflowError COMPONENT_FAILED when it refuses to */
  load(): Promise<void>;
}

export function proxyFolder(inputs: ProxySiteInputs, signal: AbortSignal): ProxyFolder {
  return inputs.reach?.kind === "docker" ? inContainer(inputs, inputs.reach, signal) : onThisMachine(inputs);
}

type Proxy = Pick<ProxySiteInputs, "config" | "sites" | "admin" | "program">;

function onThisMachine({ config, sites, admin }: Proxy): ProxyFolder {
  return {
    read: (name) => readFile(join(sites, name), "utf8").catch(() => undefined),
    write: (name, content) => writeAtomic(join(sites, name), content),
    remove: (name) => rm(join(sites, name), { force: true }),
    async load() {
      // Loaded here, since it takes long and most runs change no site.
      const { Agent, request } = await import("undici");
      const agent = new Agent({ connect: { socketPath: admin } });
      try {
        const { statusCode, body } = await request("http://localhost/load", {
          dispatcher: agent,
          method: "POST",
          headers: { "content-type": "text/caddyfile" },
          body: await readFile(config),
          headersTimeout: 15_000,
        });
        const text = await body.text();
        if (statusCode >= 300) throw refused(text);
      } finally {
        await agent.close();
      }
    },
  };
}

function inContainer(proxy: Proxy, reach: Extract<Reach, { kind: "docker" }>, signal: AbortSignal): ProxyFolder {
  const { config, sites, admin, program = "caddy" } = proxy;
  const { container } = reach;
  return {
    async read(name) {
      await using engine = dockerEngine(reach.host);
      return await readFileIn(engine, container, join(sites, name));
    },
    async write(name, content) {
      await using engine = dockerEngine(reach.host);
      // The folder above is the data's own, which is there from the first.
      await writeFileIn(engine, container, dirname(sites), join(basename(sites), name), content);
    },
    async remove(name) {
      await using engine = dockerEngine(reach.host);
      // An image need not have a program that deletes; a file without a site in it is as good.
      await writeFileIn(engine, container, dirname(sites), join(basename(sites), name), "");
    },
    async load() {
      await using engine = dockerEngine(reach.host);
      const command = [program, "reload", "--config", config, "--adapter", "caddyfile", "--address", `unix/${admin}`];
      await executeIn(engine, container, { command, timeout: 30_000, signal }).catch((error: unknown) => {
        throw error instanceof DevflowError && error.code === "COMMAND_FAILED" ? refused(error.message) : error;
      });
    },
  };
}

function refused(why: string): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `The proxy refused its configuration: ${why.slice(0, 500)}`, {
    hint: "See `./devflow logs proxy`; the former configuration is still served.",
  });
}
