import { describe, expect, test } from "vitest";
import { person } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { localModel, startHub } from "./knowledge.ts";

const guide = `# Sailing guide

Notes for a new crew.

## Tacking

To sail towards the wind a boat turns its bow through it, again and again. Sailors call this tacking.

\`\`\`ts
export function tackTowards(wind: Wind): Course {
  return wind.angle > 45 ? beat(wind) : luff(wind);
}
\`\`\`

## Anchoring

Drop the anchor on sand or mud, let out five times the depth in chain, and see that it holds.

| depth | chain |
| --- | --- |
| 5 m | 25 m |
| 10 m | 50 m |
`;

describe("search", () => {
  test("a file that was uploaded is found by meaning and by words, with the place to cite", async () => {
    const hub = await startHub({ gateway: await localModel() });
    const source = await hub.upload("guide.md", guide);
    expect(source).toMatchObject({ kind: "files", run: { state: "waiting" } });
    expect(await hub.settled(source.id)).toMatchObject({
      pages: 1,
      run: { state: "done", found: 1, read: 1, failed: 0 },
    });

    const [meaning] = await hub.hits("how does a yacht get upwind?");
    expect(meaning?.heading).toBe("Sailing guide › Tacking");
    expect(meaning?.citation).toMatchObject({
      source: { name: "Files" },
      page: { title: "Sailing guide", address: "guide.md" },
      lines: { first: 7, last: 13 },
    });
    const [name] = await hub.hits("tackTowards", { mode: "words" });
    expect(name?.content).toContain("beat(wind) : luff(wind);\n}\n```");
    expect((await hub.hits("chain", { kind: "table" }))[0]?.content).toContain("| 10 m | 50 m |");
    expect(await hub.hits('"five times the depth"', { mode: "words", operators: "true" })).toHaveLength(1);
    expect(await hub.hits("anchor -mud", { mode: "words", operators: "true" })).toHaveLength(0);

    const page = await hub.ask<{ content: string }>("GET", `/pages/${meaning?.citation.page.id}`);
    expect(page.content).toBe(guide);
  });

  test("nobody finds, lists or reads what belongs to another organisation", async () => {
    const hub = await startHub({ gateway: await localModel() });
    const source = await hub.upload("guide.md", guide);
    await hub.settled(source.id);
    const other = person();
    expect(await hub.hits("tacking", {}, other)).toEqual([]);
    const theirs = await hub.upload("mine.md", "# Mine\n\nTacking for others.", { who: other });
    await hub.settled(theirs.id, other);
    for (const mode of ["hybrid", "words", "vector"]) {
      expect((await hub.hits("tacking", { mode }, other)).map((hit) => hit.citation.page.title)).toEqual(["Mine"]);
    }
    const [hit] = await hub.hits("tacking");
    for (const path of [`/pages/${hit?.citation.page.id}`, `/sources/${source.id}`]) {
      expect((await hub.answer("GET", path, undefined, other)).status).toBe(404);
    }
    expect((await hub.answer("DELETE", `/sources/${source.id}`, undefined, other)).status).toBe(404);
    expect((await hub.answer("GET", `/sources/${source.id}/pages`, undefined, other)).body).toEqual([]);
  });

  test("no row of any table, vectors included, reaches another organisation", async () => {
    const hub = await startHub({ gateway: await localModel() });
    const source = await hub.upload("guide.md", guide);
    await hub.settled(source.id);
    const jobs = () => hub.owner.query("select from graphile_worker._private_jobs");
    await expect.poll(async () => (await jobs()).rowCount).toBe(0);
    // What is there only for moments: a file that waits to be read, a chunk that waits for its vector.
    await hub.database.withTenant(hub.me.identity, async (tx) => {
      await tx.query("insert into setting default values");
      await tx.query("insert into problem (source_id, address, kind, note) values ($1, 'a', 'failed', 'a')", [
        source.id,
      ]);
      await tx.query("insert into upload (run_id, name, media, body) select id, 'a', '', 'a' from run limit 1");
      await tx.query(
        "insert into pending (generation_id, chunk_id, source_id) select g.id, c.id, c.source_id from generation g, chunk c limit 1",
      );
    });
    // Those of projects are proved in projects.test.ts and those of Vespa in vespa.test.ts, where they have rows.
    const shared = [
      "mirror",
      "unfed",
      "document",
      "document_version",
      "project",
      "project_source",
      "removed_project",
      "task",
      "task_comment",
      "task_dependency",
    ];
    expect(await proveIsolation(hub.owner, hub.database, { shared })).toContain("vector_384");
  });
});
