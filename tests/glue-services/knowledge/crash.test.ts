import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { cloneDatabase } from "../build.ts";
import { startHub } from "./knowledge.ts";
import { html, startSite } from "./site.ts";

test("progress is not lost when the host is killed in the middle of a crawl: it goes on, and nothing is there twice (Archon #504, #186, #589)", async () => {
  const links = Array.from({ length: 60 }, (_, i) => `/p${i}`);
  const site = await startSite({ "/": html("Home", "Begin.", links) }, (request, response) => {
    if (!/^\/p\d+$/.test(request.url ?? "")) return void response.writeHead(404).end();
    setTimeout(
      () =>
        response
          .setHeader("content-type", "text/html")
          .end(html(`Page ${request.url}`, `All about number ${request.url}.`)),
      60,
    );
  });
  const { url, owner } = await cloneDatabase();
  const hub = await startHub({ allow: [site.host], database: { url }, background: false });
  const body = { kind: "site", address: site.url, settings: { delayMs: 0 } };
  const { id } = await hub.ask<SourceTold>("POST", "/sources", body);
  const pages = async () => (await owner.query("select from knowledge.page")).rowCount ?? 0;

  let before = 0;
  for (let round = 1; round <= 2; round++) {
    const host = fork(fileURLToPath(new URL("crash-hub.ts", import.meta.url)), [url, site.host], { stdio: "inherit" });
    await expect.poll(pages, { interval: 20 }).toBeGreaterThan(round * 12);
    host.kill("SIGKILL");
    await new Promise((resolve) => host.once("exit", resolve));
    expect(await pages()).toBeGreaterThan(before);
    before = await pages();
  }
  expect(before).toBeLessThan(61);

  await hub.app.close();
  const next = await startHub({ allow: [site.host], database: { url } });
  await expect
    .poll(async () => (await owner.query("select state from knowledge.run where source_id = $1", [id])).rows[0]?.state)
    .toBe("done");
  const { rows } = await owner.query(
    `select r.found, r.read, r.failed, r.unchanged, (select count(*)::int from knowledge.page) as pages,
       (select count(distinct address)::int from knowledge.page) as addresses,
       (select count(*)::int from knowledge.chunk) as chunks,
       (select count(distinct (page_id, ordinal))::int from knowledge.chunk) as places from knowledge.run r`,
  );
  const chunks = rows[0]?.chunks;
  expect(rows).toEqual([
    { found: 61, read: 61, failed: 0, unchanged: 0, pages: 61, addresses: 61, chunks, places: chunks },
  ]);
  // Only what was in hand when the host was killed was asked for again: three pages at each kill.
  expect(site.asked.filter((path) => /^\/p\d/.test(path)).length).toBeLessThanOrEqual(60 + 2 * 3);
  await next.app.close();
});
