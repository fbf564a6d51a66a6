import { executeIn } from "../../../components/provider/docker/exec.ts";
import { glueImage, type TestEngine } from "./test-engine.ts";

/** An appliance that is up. */
export interface Standing {
  engine: TestEngine;
  /** First part of its containers' names. */
  prefix: string;
  port: number;
  /** A secret of the stack. */
  secret(name: string): Promise<string>;
}

const node = "/usr/local/bin/node";

/**
 * Runs a script of Node to its end in a container of the services' image, at a place of the test's choosing: in the
 * network of another container (`container:NAME`), or on a network.
 *
 * @returns what it printed
 */
export async function runAt(
  { engine }: Standing,
  network: string,
  script: string,
  more: { user?: string; host?: object } = {},
): Promise<string> {
  const { Id: id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
    Image: glueImage,
    Entrypoint: [node, "-e", script],
    Healthcheck: { Test: ["NONE"] },
    // One stream, without the marks of two.
    Tty: true,
    ...(more.user && { User: more.user }),
    HostConfig: { NetworkMode: network, ...more.host },
  });
  try {
    await engine.call("POST", `/containers/${id}/start`);
    const { StatusCode: code } = await engine.call<{ StatusCode: number }>("POST", `/containers/${id}/wait`);
    const pieces: Buffer[] = [];
    for await (const piece of await engine.bytes("GET", `/containers/${id}/logs?stdout=1&stderr=1`)) pieces.push(piece);
    const printed = Buffer.concat(pieces).toString().replaceAll("\r\n", "\n");
    if (code !== 0) throw new Error(`the script ended with ${code}: ${printed}`);
    return printed;
  } finally {
    await engine.call("DELETE", `/containers/${id}?force=true`);
  }
}

/** Asks the platform's database as its superuser. @returns one line a row */
export async function query(given: Standing, sql: string): Promise<string> {
  const printed = await executeIn(given.engine, `${given.prefix}-postgres`, {
    command: [
      ...["/usr/lib/postgresql/18/bin/psql", "-h", "127.0.0.1", "-p", String(given.port + 2), "-U", "postgres"],
      ...["-d", "platform", "-v", "ON_ERROR_STOP=1", "-qAtc", sql],
    ],
    env: { PGPASSWORD: await given.secret("postgres/superuser") },
    timeout: 60_000,
    signal: new AbortController().signal,
  });
  return printed.trim();
}
