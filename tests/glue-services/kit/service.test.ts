import { describe, expect, test } from "vitest";
import { build, person } from "../build.ts";
import { notes } from "../notes/notes.ts";

describe("a service on the kit", () => {
  test("a note is written, told as an event, counted once and printed", async () => {
    const { app, owner } = await build([notes]);
    const { headers } = person();
    const written = await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "print me" } });
    expect(written.statusCode).toBe(201);
    const { id } = written.json();
    await expect
      .poll(async () => (await owner.query("select what from notes.effect where key = $1 order by what", [id])).rows)
      .toEqual([{ what: "counted" }, { what: "printed" }]);
    expect((await app.inject({ url: "/api/notes", headers })).json()).toEqual([{ id, text: "print me" }]);
  });
});
