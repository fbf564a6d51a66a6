import { describe, expect, test } from "vitest";
import type { ProblemTold, SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { person } from "../build.ts";
import { type Hub, startHub } from "./knowledge.ts";
import { html, startSite } from "./site.ts";

/** Pages with each kind of fault: `failing` answer 403, `missing` 404, and one is in an encoding it does not name. */
async function faulty(failing: number, missing: number) {
  const names = (kind: string, count: number) =>
    Array.from({ length: count }, (_, at) => `/${kind}-${String(at).padStart(2, "0")}`);
  const [refused, gone] = [names("refused", failing), names("gone", missing)];
  const site = await startSite(
    {
      "/": html("Home", "Begin.", [...refused, ...gone, "/old", "/fine"]),
      "/fine": html("Fine", "The serval leaps."),
      "/old": (_request, response) =>
        void response
          .writeHead(200, { "content-type": "text/plain" })
          .end(Buffer.from("Die Brücke über den Fluß ist für große Fähren zu niedrig, sagte der Wärter.", "latin1")),
      "/robots.txt": "",
      "/llms.txt": "",
      "/llms-full.txt": "",
      "/sitemap.xml": "",
    },
    (request, response) => void response.writeHead(request.url?.startsWith("/refused") ? 403 : 404).end(),
  );
  return { site, refused: refused.map((path) => site.url + path), gone: gone.map((path) => site.url + path) };
}

async function read(hub: Hub, id: string): Promise<SourceTold> {
  let source: SourceTold | undefined;
  await expect
    .poll(
      async () => {
        source = await hub.ask<SourceTold>("GET", `/sources/${id}`);
        return source.run?.state;
      },
      { interval: 50 },
    )
    .toBe("done");
  return source as SourceTold;
}

describe("problems of a source", () => {
  test("each is told once over pages of any size, by kind or all, with its reason", async () => {
    const { site, refused, gone } = await faulty(7, 5);
    const hub = await startHub({ allow: [site.host] });
    const body = { kind: "site", address: site.url, settings: { delayMs: 0 } };
    const source = await read(hub, (await hub.ask<SourceTold>("POST", "/sources", body)).id);
    expect(source).toMatchObject({ state: "incomplete", problems: { failed: 7, skipped: 5, partial: 1 } });
    const path = `/sources/${source.id}/problems`;
    const whole = await hub.ask<ProblemTold[]>("GET", path);
    expect(whole.map(({ address, kind }) => [address, kind])).toEqual([
      ...gone.map((address) => [address, "skipped"]),
      [`${site.url}/old`, "partial"],
      ...refused.map((address) => [address, "failed"]),
    ]);
    expect(new Set(whole.map(({ note }) => note.replace(/^Read as.*/s, "guessed")))).toEqual(
      new Set(["It answered 404.", expect.stringMatching(/windows-1252/i), "It answered 403."]),
    );
    for (const limit of [1, 4, 13]) {
      const paged: ProblemTold[] = [];
      for (let after = ""; ; after = paged.at(-1)?.address ?? "") {
        const more = await hub.ask<ProblemTold[]>(
          "GET",
          `${path}?${new URLSearchParams({ limit: `${limit}`, after })}`,
        );
        paged.push(...more);
        if (more.length < limit) break;
      }
      expect(paged).toEqual(whole);
    }
    expect(await hub.ask<ProblemTold[]>("GET", `${path}?kind=failed&limit=3&after=${refused[2]}`)).toEqual(
      whole.filter(({ kind }) => kind === "failed").slice(3, 6),
    );
  });

  test("are gone once the page can be read, and are nobody else's", async () => {
    const { site, refused } = await faulty(1, 0);
    const hub = await startHub({ allow: [site.host] });
    const body = { kind: "site", address: site.url, settings: { delayMs: 0 } };
    const { id } = await read(hub, (await hub.ask<SourceTold>("POST", "/sources", body)).id);
    const failed = () => hub.ask<ProblemTold[]>("GET", `/sources/${id}/problems?kind=failed`);
    expect((await failed()).map(({ address }) => address)).toEqual(refused);
    site.pages["/refused-00"] = html("Open", "Now the caracal may be seen.");
    await hub.ask("POST", `/sources/${id}/read`);
    await expect.poll(async () => await failed(), { interval: 50 }).toEqual([]);
    expect(await hub.answer("GET", `/sources/${id}/problems`, undefined, person())).toMatchObject({ status: 404 });
  });

  test("limits and kinds that there are not are refused, and a source that there is not is not found", async () => {
    const hub = await startHub({ background: false });
    const { id } = await hub.upload("a.md", "# A");
    for (const query of ["limit=0", "limit=501", "limit=x", "kind=odd", `after=${"x".repeat(4001)}`, "after=%00"])
      expect([query, await hub.answer("GET", `/sources/${id}/problems?${query}`)]).toMatchObject([
        query,
        { status: 400, body: { error: { code: "INVALID" } } },
      ]);
    const nowhere = "00000000-0000-7000-8000-000000000000";
    expect(await hub.answer("GET", `/sources/${nowhere}/problems`)).toMatchObject({ status: 404 });
  });
});
