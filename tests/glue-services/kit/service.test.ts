import { describe, expect, test } from "vitest";
import { build, cloneDatabase, person } from "../build.ts";
import { notes } from "../notes/notes.ts";

describe("a service on the kit", () => {
  test("a note is written, told as an event, counted once and printed", async () => {
    const { app, owner } = await build([notes]);
    const { headers } = person();
    const written = await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "print me" } });
    expect(written.statusCode).toBe(201);
    const { id } = written.json();
    await expect
      .poll(async () => (await owner.query("select what from notes.effect where key = $1 order by what", [id])).rows, {
        timeout: 5000,
      })
      .toEqual([{ what: "counted" }, { what: "printed" }]);
    expect((await app.inject({ url: "/api/notes", headers })).json()).toEqual([{ id, text: "print me" }]);
  });

  test("a test database is cloned in under 100 ms", async () => {
    const times: number[] = [];
    for (let at = 0; at < 6; at++) times.push((await cloneDatabase()).ms);
    // The least of them: the machine may be busy with other things.
    expect(Math.min(...times)).toBeLessThan(100);
  });
});
