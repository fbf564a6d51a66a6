import { expect, test } from "vitest";
import { type Entry, pack } from "../../../components/provider/docker/archive.ts";
import { executeIn } from "../../../components/provider/docker/exec.ts";
import { glueImage, type TestEngine } from "./test-engine.ts";

/** An appliance that is up, by whichever engine carries it out. */
export interface Upgraded {
  engine: TestEngine;
  /** First part of its containers' names. */
  prefix: string;
  port: number;
  /** Carries the stack out with this image of the services; answers what failed. */
  up(glue: string): Promise<string[]>;
}

/** The same for every engine that carries out an appliance: to another version, to one that does not work, and back. */
export function testUpgrades(by: string, given: () => Upgraded): void {
  const versions = { next: `devflow-test/glue:2-${by}`, broken: `devflow-test/glue:3-${by}` };
  const platform = () => `${given().prefix}-platform`;
  /** Those that are made of the image of the services. */
  const services = () => [`${given().prefix}-backups`, platform()];
  const changedOf = (before: Record<string, string>, after: Record<string, string>) =>
    Object.keys(after)
      .filter((name) => after[name] !== before[name])
      .sort();

  test(`${by}: another version takes over when it is healthy, with the data of the one before`, async () => {
    const { engine, up } = given();
    await derive(engine, versions.next, ["ENV DEVFLOW_VERSION=2.0.0"]);
    await write("/data/mark", "of version one");
    const before = await containers();
    expect(await up(versions.next)).toEqual([]);
    const after = await containers();
    expect(await version()).toBe("2.0.0");
    expect(await run(["/bin/cat", "/data/mark"])).toBe("of version one");
    expect(changedOf(before, after)).toEqual(services());
  });

  test(`${by}: a version that does not start is a clear error, and what it needs is left alone`, async () => {
    const { engine, up } = given();
    await derive(engine, versions.broken, ["COPY server.ts /app/glue-services/host/server.ts"], {
      "server.ts": "console.error('cannot read the tables of version 9'); process.exit(1);",
    });
    const before = await containers();
    const failures = await up(versions.broken);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]).toContain("platform");
    expect(failures[0]).toMatch(/healthy/);
    const after = await containers();
    expect(changedOf(before, after)).toEqual(services());
  });

  test(`${by}: the version before is brought back by naming it again, with its data`, async () => {
    expect(await given().up(glueImage)).toEqual([]);
    expect(await version()).toBe("0.1.0");
    expect(await run(["/bin/cat", "/data/mark"])).toBe("of version one");
    const ready = await fetch(`http://localhost:${given().port}/readyz`);
    expect(await ready.json()).toMatchObject({ ready: true });
  });

  /** Ids of the stack's containers by their names. */
  async function containers(): Promise<Record<string, string>> {
    const { engine, prefix } = given();
    const filters = encodeURIComponent(JSON.stringify({ label: [`dev.devflow.stack=${prefix}`] }));
    const found = await engine.call<{ Id: string; Names: string[] }[]>(
      "GET",
      `/containers/json?all=true&filters=${filters}`,
    );
    return Object.fromEntries(found.map(({ Id, Names: [name = ""] }) => [name.slice(1), Id]));
  }

  async function version(): Promise<string> {
    return run(["/usr/local/bin/node", "-p", "process.env.DEVFLOW_VERSION"]);
  }

  async function write(path: string, content: string): Promise<void> {
    await run(["/usr/local/bin/node", "-e", `require("node:fs").writeFileSync("${path}", "${content}")`]);
  }

  async function run(command: string[]): Promise<string> {
    const execution = { command, timeout: 20_000, signal: new AbortController().signal };
    return (await executeIn(given().engine, platform(), execution)).trim();
  }
}

/** Makes an image of the services' own with these lines after it. */
async function derive(
  engine: TestEngine,
  tag: string,
  lines: string[],
  files: Record<string, string> = {},
): Promise<void> {
  const contents = { ...files, Dockerfile: [`FROM ${glueImage}`, ...lines].join("\n") };
  const entries = Object.entries(contents).map(([path, content]): Entry => {
    return { path, content, mode: 0o644, user: 0, group: 0 };
  });
  const answer = await engine.bytes("POST", `/build?t=${tag}`, await pack(entries));
  let text = "";
  for await (const piece of answer) text += String(piece);
  if (text.includes("errorDetail")) throw new Error(text);
}
