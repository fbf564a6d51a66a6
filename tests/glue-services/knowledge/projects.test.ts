import { describe, expect, onTestFinished, test } from "vitest";
import type {
  ActivityTold,
  DocumentTold,
  ProjectTold,
  TaskTold,
} from "../../../glue-services/knowledge/projects/schemas.ts";
import { person, sharedServer } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { administer } from "../template.ts";
import { type Hub, startHub } from "./knowledge.ts";

const add = (hub: Hub, more: object = {}) => hub.ask<ProjectTold>("POST", "/projects", { title: "Launch", ...more });
const task = (hub: Hub, project: ProjectTold, title: string, more: object = {}) =>
  hub.ask<TaskTold>("POST", `/projects/${project.id}/tasks`, { title, ...more });
const board = async (hub: Hub, project: ProjectTold) =>
  (await hub.ask<TaskTold[]>("GET", `/projects/${project.id}/tasks`)).map((one) => `${one.status} ${one.title}`);

describe("projects", () => {
  test("a document keeps every version, refuses a change of an old one, and an old one can be restored", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const path = `/projects/${project.id}/documents`;
    const document = await hub.ask<DocumentTold>("POST", path, { title: "Plan", content: "one" });
    await hub.ask("PATCH", `/documents/${document.id}`, { content: "two", note: "better", version: 1 });
    const late = await hub.answer("PATCH", `/documents/${document.id}`, { content: "mine", version: 1 });
    expect([late.status, late.body.error.code]).toEqual([409, "CONFLICT"]);
    const restored = await hub.ask<DocumentTold>("POST", `/documents/${document.id}/versions/1/restore`);
    expect(restored).toMatchObject({ content: "one", version: 3 });
    const versions = await hub.ask<{ version: number; note: string }[]>("GET", `/documents/${document.id}/versions`);
    expect(versions.map(({ version, note }) => [version, note])).toEqual([
      [3, "Version 1 again"],
      [2, "better"],
      [1, ""],
    ]);
    expect((await hub.ask<{ content: string }>("GET", `/documents/${document.id}/versions/2`)).content).toBe("two");
  });

  test("two people who change one document at once: one of them is told", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const document = await hub.ask<DocumentTold>("POST", `/projects/${project.id}/documents`, {
      title: "Plan",
      content: "",
    });
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((content) => hub.answer("PATCH", `/documents/${document.id}`, { content, version: 1 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  test("tasks keep their order, move between columns and places, and belong to people or agents", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const [a, b, c] = [await task(hub, project, "a"), await task(hub, project, "b"), await task(hub, project, "c")];
    await hub.ask("PATCH", `/tasks/${c.id}`, { before: a.id });
    expect(await board(hub, project)).toEqual(["todo c", "todo a", "todo b"]);
    for (let i = 0; i < 60; i++) {
      await hub.ask("PATCH", `/tasks/${i % 2 ? a.id : c.id}`, { before: b.id });
    }
    expect(await board(hub, project)).toEqual(["todo c", "todo a", "todo b"]);
    await hub.ask("PATCH", `/tasks/${a.id}`, { status: "doing", assignee: { kind: "agent", id: "coder" } });
    await hub.ask("PATCH", `/tasks/${b.id}`, { status: "doing", before: a.id });
    expect(await board(hub, project)).toEqual(["todo c", "doing b", "doing a"]);
    const mine = await hub.ask<TaskTold[]>("GET", `/projects/${project.id}/tasks?assignee=coder`);
    expect(mine.map((one) => one.assignee)).toEqual([{ kind: "agent", id: "coder" }]);
    expect((await hub.answer("PATCH", `/tasks/${c.id}`, { before: a.id })).status).toBe(400);
    expect((await hub.answer("PATCH", `/tasks/${c.id}`, { title: "late", version: 1 })).status).toBe(409);
    expect((await hub.ask<ProjectTold>("GET", `/projects/${project.id}`)).tasks).toEqual({
      todo: 1,
      doing: 2,
      review: 0,
      done: 0,
    });
  });

  test("dependencies hold a task up until they are done, and never go in a circle", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const design = await task(hub, project, "design");
    const build = await task(hub, project, "build", { needs: [design.id] });
    const ship = await task(hub, project, "ship", { needs: [build.id] });
    const ready = async () =>
      (await hub.ask<TaskTold[]>("GET", `/projects/${project.id}/tasks?ready=true`)).map(({ title }) => title);
    expect(await ready()).toEqual(["design"]);
    for (const needs of [[ship.id], [design.id], [build.id, ship.id]]) {
      const { status, body } = await hub.answer("PATCH", `/tasks/${design.id}`, { needs });
      expect([status, body.error.code]).toEqual([400, "INVALID"]);
    }
    expect((await hub.ask<TaskTold>("GET", `/tasks/${design.id}`)).needs).toEqual([]);
    await hub.ask("PATCH", `/tasks/${design.id}`, { status: "done" });
    expect(await ready()).toEqual(["build"]);
    const other = await add(hub, { title: "Other" });
    expect((await hub.answer("POST", `/projects/${other.id}/tasks`, { title: "x", needs: [design.id] })).status).toBe(
      400,
    );
  });

  test("two changes at once that together would make a circle do not", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const [a, b] = [await task(hub, project, "a"), await task(hub, project, "b")];
    // Both have begun before either goes on: each has its own task by then, and waits for the project's.
    const holding = await hub.owner.connect();
    onTestFinished(() => holding.release(true));
    await holding.query("begin");
    await holding.query("select from knowledge.project where id = $1 for update", [project.id]);
    const both = Promise.all([
      hub.answer("PATCH", `/tasks/${a.id}`, { needs: [b.id] }),
      hub.answer("PATCH", `/tasks/${b.id}`, { needs: [a.id] }),
    ]);
    const waits = "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
    const server = await sharedServer();
    const { rows } = await hub.owner.query<{ name: string }>("select current_database() as name");
    await expect
      .poll(() => administer(server, (admin) => admin.query(waits, [rows[0]?.name])))
      .toMatchObject({ rowCount: 2 });
    await holding.query("commit");
    const answers = await both;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  test("a task has a day to be done by, which can be asked for, moved and taken away, and is a day that there is", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const bricks = await task(hub, project, "bricks", { due: "2028-02-29" });
    const door = await task(hub, project, "door", { due: "2028-03-01" });
    await task(hub, project, "someday");
    expect([bricks.due, door.due]).toEqual(["2028-02-29", "2028-03-01"]);
    const by = async (day: string) =>
      (await hub.ask<TaskTold[]>("GET", `/projects/${project.id}/tasks?dueBy=${day}`)).map(({ title }) => title);
    expect(await by("2028-02-28")).toEqual([]);
    expect(await by("2028-02-29")).toEqual(["bricks"]);
    expect(await by("2028-03-01")).toEqual(["bricks", "door"]);
    expect((await hub.ask<TaskTold>("PATCH", `/tasks/${bricks.id}`, { title: "more bricks" })).due).toBe("2028-02-29");
    expect((await hub.ask<TaskTold>("PATCH", `/tasks/${bricks.id}`, { due: null })).due).toBeNull();
    for (const due of ["2027-02-29", "tomorrow", "2028-02-29T10:00:00Z", "0000-01-01", "99999-01-01"]) {
      const { status, body } = await hub.answer("PATCH", `/tasks/${door.id}`, { due });
      expect({ due, status, code: body.error.code }).toEqual({ due, status: 400, code: "INVALID" });
    }
  });

  test("what happens to a task and what is said about it is told with who did it, in its history, the audit log and the overview", async () => {
    const hub = await startHub();
    const project = await add(hub);
    const made = await task(hub, project, "Fire it");
    const path = `/tasks/${made.id}`;
    const me = hub.me.identity.person as string;
    await hub.ask("PATCH", path, { status: "doing", assignee: { kind: "person", id: me } });
    await hub.ask("PATCH", path, { description: "At **1240** degrees.", due: "2028-02-29", priority: "high" });
    await hub.ask("PATCH", path, { priority: "high" });
    await hub.ask("PATCH", path, { status: "doing", before: null });
    const comment = await hub.ask<{ id: string }>("POST", `${path}/comments`, { text: "  The kiln is **hot**. " });
    const colleague = person({ organisation: hub.me.identity.organisation });
    await hub.ask("POST", `${path}/comments`, { text: "Wait." }, colleague);
    await hub.ask("PATCH", `/comments/${comment.id}`, { text: "The kiln is cold." });

    const told = await hub.ask<ActivityTold[]>("GET", `${path}/activity`);
    expect(told.map(({ event, who, changes, comment }) => [event, who.person === me, changes, comment?.text])).toEqual([
      ["added", true, [], undefined],
      [
        "moved",
        true,
        [
          { field: "status", from: "todo", to: "doing" },
          { field: "assignee", from: null, to: `person ${me}` },
        ],
        undefined,
      ],
      [
        "changed",
        true,
        expect.arrayContaining([
          { field: "description", from: null, to: null },
          { field: "due", from: null, to: "2028-02-29" },
          { field: "priority", from: "medium", to: "high" },
        ]),
        undefined,
      ],
      ["commented", true, [], "The kiln is cold."],
      ["commented", false, [], "Wait."],
    ]);
    const comments = told.flatMap(({ comment }) => comment ?? []);
    expect(comments.map(({ own, edited }) => [own, edited])).toEqual([
      [true, true],
      [false, false],
    ]);
    // Nobody changes what another said, nor does a program without a person.
    for (const who of [colleague, person({ organisation: hub.me.identity.organisation, person: undefined })]) {
      for (const method of ["PATCH", "DELETE"] as const) {
        const body = method === "PATCH" ? { text: "Mine." } : undefined;
        expect((await hub.answer(method, `/comments/${comment.id}`, body, who)).status).toBe(403);
      }
    }
    await hub.ask("DELETE", `/comments/${comment.id}`);
    expect((await hub.ask<ActivityTold[]>("GET", `${path}/activity`)).map(({ comment }) => comment?.text)).toEqual([
      ...[undefined, undefined, undefined, undefined, "Wait."],
    ]);
    expect((await hub.ask<TaskTold>("GET", path)).comments).toBe(1);
    expect((await hub.answer("POST", `${path}/comments`, { text: " \n " })).status).toBe(400);

    const feed = async (who: { headers: object }, query = "") =>
      (
        await hub.app.inject({ url: `/api/platform/feed${query}`, headers: who.headers as Record<string, string> })
      ).json() as {
        needs: { what: string; path: string }[];
        changes: { action: string; target: string; path: string }[];
      };
    const page = `/projects/${project.id}?task=${made.id}`;
    const seer = person({ organisation: hub.me.identity.organisation, scopes: ["projects:read"] });
    for (const who of [hub.me, seer]) {
      const { changes } = await feed(who);
      expect(changes.filter(({ path }) => path === page).map(({ action, target }) => [action, target])).toEqual([
        ["task.commented", "Fire it"],
        ["task.commented", "Fire it"],
        ["task.changed", "Fire it"],
        ["task.moved", "Fire it"],
        ["task.added", "Fire it"],
      ]);
    }
    expect((await feed(hub.me)).needs.filter(({ path }) => path === page)).toEqual([]);
    await hub.ask("PATCH", path, { due: "2020-01-31" });
    expect((await feed(hub.me)).needs.filter(({ path }) => path === page)).toMatchObject([
      { what: "Your task Fire it was due on 2020-01-31" },
    ]);
    expect((await feed(seer)).needs.filter(({ path }) => path === page)).toEqual([]);
    // A day is due where it has come: it is 25 hours earlier in Niue than in Kiritimati.
    const inKiritimati = new Date().toLocaleDateString("sv-SE", { timeZone: "Pacific/Kiritimati" });
    await hub.ask("PATCH", path, { due: inKiritimati });
    const due = async (tz: string) =>
      (await feed(hub.me, `?tz=${tz}`)).needs.filter(({ path }) => path === page).map(({ what }) => what);
    expect(await due("Pacific/Niue")).toEqual([]);
    expect(await due("Pacific/Kiritimati")).toEqual([
      expect.stringMatching(/^Your task Fire it (is due today|was due)/),
    ]);
    await hub.ask("PATCH", path, { status: "done" });
    expect((await feed(hub.me)).needs.filter(({ path }) => path === page)).toEqual([]);

    await hub.ask("DELETE", path);
    const { rows } = await hub.owner.query(
      "select action from devflow.audit where target = $1 order by id desc limit 1",
      [made.id],
    );
    expect(rows).toEqual([{ action: "task.removed" }]);
  });

  test("no project, document or task reaches another organisation, by id or by reference", async () => {
    const hub = await startHub();
    const source = await hub.ask<{ id: string }>("POST", "/sources", { kind: "files", name: "Ours" });
    const project = await add(hub, { sources: [source.id] });
    await hub.ask("POST", `/projects/${project.id}/documents`, { title: "Plan", content: "x" });
    const first = await task(hub, project, "first");
    await task(hub, project, "second", { needs: [first.id] });
    const comment = await hub.ask<{ id: string }>("POST", `/tasks/${first.id}/comments`, { text: "Ours alone." });
    const other = person();
    for (const [method, path] of [
      ["GET", `/tasks/${first.id}/activity`],
      ["POST", `/tasks/${first.id}/comments`],
      ["PATCH", `/comments/${comment.id}`],
      ["DELETE", `/comments/${comment.id}`],
    ] as const) {
      const body = method === "POST" || method === "PATCH" ? { text: "Theirs." } : undefined;
      expect((await hub.answer(method, path, body, other)).status).toBe(404);
    }
    for (const path of [`/projects/${project.id}`, `/tasks/${first.id}`]) {
      expect((await hub.answer("GET", path, undefined, other)).status).toBe(404);
      expect((await hub.answer("DELETE", path, undefined, other)).status).toBe(404);
    }
    expect((await hub.answer("POST", "/projects", { title: "Theirs", sources: [source.id] }, other)).status).toBe(400);
    expect((await hub.answer("POST", `/projects/${project.id}/tasks`, { title: "x" }, other)).status).toBe(404);
    await hub.database.withTenant(hub.me.identity, (tx) =>
      tx.query("insert into removed_project (id) values (gen_random_uuid())"),
    );
    // The tables of sources are proved in search.test.ts, where they have rows.
    const shared = [
      "mirror",
      "unfed",
      "run",
      "frontier",
      "page",
      "chunk",
      "upload",
      "setting",
      "generation",
      "pending",
      "problem",
    ];
    expect(await proveIsolation(hub.owner, hub.database, { shared })).toEqual([
      "document",
      "document_version",
      "project",
      "project_source",
      "removed_project",
      "source",
      "task",
      "task_comment",
      "task_dependency",
    ]);
  });
});
