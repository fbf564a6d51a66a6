import { randomUUID } from "node:crypto";
import { type App, buildApp, type Identity, type Service } from "../../../glue-services/kit/index.ts";
import { type PostgresServer, startPostgres } from "../../glue-services/postgres-server.ts";
import { address, administer, owner } from "../../glue-services/template.ts";

/** A durable PostgreSQL (fsync on, default settings otherwise) and an app on it, for as long as the measurement takes. */
export async function withPlatform<Result>(
  services: readonly Service[],
  measure: (platform: { app: App; url: string; server: PostgresServer; who: Identity }) => Promise<Result>,
): Promise<Result> {
  const server = await startPostgres(["fsync=on", "full_page_writes=on", "shared_buffers=128MB"]);
  try {
    const url = address(server, "bench");
    await administer(server, async (client) => {
      await client.query(`create role ${owner.user} login createrole password '${owner.password}'`);
      await client.query(`create database bench owner ${owner.user}`);
    });
    await administer(server, (client) => client.query("create extension vector"), "bench");
    const who: Identity = {
      person: randomUUID(),
      organisation: randomUUID(),
      roles: [],
      scopes: ["*"],
      via: "key",
      credential: "bench",
    };
    const app = await buildApp({
      version: "bench",
      logLevel: "silent",
      services,
      database: { url },
      // As an identity service's cache would: a look into a map.
      verify: async ({ headers }) => keys.get(headers.authorization ?? ""),
      rateLimits: { anonymous: 1e9, known: 1e9, failures: 1e9 },
    });
    const keys = new Map([["Bearer bench", who]]);
    try {
      return await measure({ app, url, server, who });
    } finally {
      await app.close();
    }
  } finally {
    await server.stop();
  }
}

/** Value below which the given share of the sorted numbers lies. */
export function percentile(numbers: number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A table in Markdown, as docs/measurements.md keeps it. */
export function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
