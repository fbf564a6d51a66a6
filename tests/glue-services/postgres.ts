import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";
import { makeTemplate } from "./template.ts";

/** How a test reaches the server that all tests of one run share. */
export interface SharedServer {
  port: number;
  superuser: string;
  password: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Unix socket that answers with a SharedServer; the server starts at the first question. */
    postgres: string;
  }
}

/** Vitest's global setup: one PostgreSQL for the whole run, and none when no test asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-test-"));
  const socket = join(folder, "postgres.sock");
  let server: Promise<PostgresServer> | undefined;

  const answering = createServer(async (_request, response) => {
    try {
      server ??= startPostgres().then(async (started) => {
        await makeTemplate(started);
        return started;
      });
      const { port, superuser, password } = await server;
      response.end(JSON.stringify({ port, superuser, password } satisfies SharedServer));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => answering.listen(socket, resolve));
  project.provide("postgres", socket);

  return async () => {
    answering.close();
    const started = await server?.catch(() => undefined);
    await started?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
