import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { declared } from "../../../installer/declared/declared.ts";
import type { Goal } from "../../../installer/engine/index.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { freePort } from "../../glue-services/postgres-server.ts";

/** What a container is asked by, run here with the files and ports of the test in the places of its own. */
describe("how products are found to serve, not only to listen", () => {
  let goals: Goal[];
  beforeAll(async () => {
    const every = ["graph", "cache", "runtime"].map((name) => `components.${name}=true`);
    const evaluation = await declared(exampleSettings("onprem", every));
    expect(evaluation.errors).toEqual([]);
    goals = evaluation.goals;
  });
  const of = (type: string, name: string) => goals.find((goal) => goal.type === type && goal.name === name)?.inputs;

  function commandOf(name: string): string[] {
    const { healthcheck } = of("docker:index/container:Container", name) ?? {};
    const [first, ...words] = (healthcheck as { tests: string[] } | undefined)?.tests ?? [];
    expect(first).toBe("CMD");
    return words;
  }

  async function isWell([program = "", ...args]: string[]): Promise<boolean> {
    return promisify(execFile)(program, args).then(
      () => true,
      () => false,
    );
  }

  it("the graph answers over HTTP, and one that refuses or is not there does not", async () => {
    let status = 200;
    const server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const at = (port: number) => commandOf("graph").with(-1, String(port));
    expect(await isWell(at((server.address() as AddressInfo).port))).toBe(true);
    status = 503;
    expect(await isWell(at((server.address() as AddressInfo).port))).toBe(false);
    expect(await isWell(at(await freePort()))).toBe(false);
  });

  it("the cache answers its own client by its password: that it still reads what it kept is not enough", async () => {
    const folder = await mkdtemp(join(tmpdir(), "devflow-cache-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "password"), "the word\n");
    const client = join(folder, "client");
    const says = async (words: string) => {
      const script = `#!/bin/sh\n[ "$REDISCLI_AUTH $*" = 'the word -h 127.0.0.1 -p 6379 ping' ] && echo '${words}'\n`;
      await writeFile(client, script, { mode: 0o755 });
      const command = commandOf("cache").map((word) =>
        word.endsWith("/valkey-cli") ? client : word.replace("/etc/devflow", folder),
      );
      return isWell(command);
    };
    expect(await says("PONG")).toBe(true);
    expect(await says("LOADING Valkey is loading the dataset in memory")).toBe(false);
    expect(await says("NOAUTH Authentication required.")).toBe(false);
  });

  it("realtime and functions answer over HTTP", () => {
    const paths = ["runtime-realtime", "runtime-functions"].map(
      (name) => of("devflow:index:ContainerReady", name)?.path,
    );
    expect(paths).toEqual(["/healthcheck", "/_internal/health"]);
  });
});
