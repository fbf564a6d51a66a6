/** How fast a test gets its own database, by PostgreSQL's two ways of copying one: `node tests/bench/kit/clone.ts`. */
import { startPostgres } from "../../glue-services/postgres-server.ts";
import { administer, makeTemplate, template } from "../../glue-services/template.ts";
import { percentile, table } from "./platform.ts";

const server = await startPostgres();
try {
  await makeTemplate(server);
  const rows = await administer(server, async (client) => {
    const found: string[][] = [];
    for (const strategy of ["file_copy", "wal_log"]) {
      const times: number[] = [];
      for (let at = 0; at < 12; at++) {
        const begun = performance.now();
        await client.query(`create database t_${strategy}_${at} template ${template} strategy ${strategy}`);
        times.push(performance.now() - begun);
      }
      found.push([strategy, ...[0, 0.5, 0.95].map((share) => percentile(times, share).toFixed(0))]);
    }
    return found;
  });
  console.log(table(["strategy", "least ms", "p50 ms", "p95 ms"], rows));
} finally {
  await server.stop();
}
