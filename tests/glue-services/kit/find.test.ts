import { expect, test } from "vitest";
import { firstAdministrator, invited } from "../identity/platform.ts";
import { everyService } from "../isolation/every-service.ts";

test("one search finds projects, tasks, people, knowledge and keys by a part of their name, each as far as one may see it", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const found = async (who: typeof ada, q: string) =>
    (await who.send("GET", `/api/platform/find?q=${encodeURIComponent(q)}`)).json();
  const project = (await ada.send("POST", "/api/knowledge/projects", { title: "Release train" })).json();
  const task = { title: "Ship the 100% release_x" };
  const made = (await ada.send("POST", `/api/knowledge/projects/${project.id}/tasks`, task)).json();
  await ada.send("POST", "/api/knowledge/sources", { kind: "files", name: "Release manuals" });
  const bot = await ada.send("POST", "/api/identity/keys", { name: "release bot & co", scopes: ["people:read"] });
  await invited(on, ada, "vera.release@example.com", ["viewer"]);

  const all = await found(ada, " RELEASE ");
  expect(all.map(({ kind }: { kind: string }) => kind)).toEqual(["project", "task", "person", "source", "key"]);
  expect(all).toContainEqual({
    ...{ kind: "task", id: made.id, title: task.title, detail: "Release train" },
    path: `/projects/${project.id}?task=${made.id}`,
  });
  expect(all.at(-1).path).toBe("/keys?q=release%20bot%20%26%20co");
  // Signs that a pattern would read otherwise are letters.
  expect((await found(ada, "0% release_")).map(({ title }: { title: string }) => title)).toEqual([task.title]);
  expect(await found(ada, "%")).toHaveLength(1);
  expect(await found(ada, "' or 1=1")).toEqual([]);

  // Whoever reads people alone finds people alone.
  const { key } = bot.json();
  const answer = await on.app.inject({
    url: "/api/platform/find?q=release",
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.json().map(({ kind }: { kind: string }) => kind)).toEqual(["person"]);
  // Of another organisation, nothing at all.
  const other = crypto.randomUUID();
  await on.owner.query("insert into knowledge.project (organisation_id, title) values ($1, 'Release of others')", [
    other,
  ]);
  expect(JSON.stringify(await found(ada, "of others"))).toBe("[]");
});
