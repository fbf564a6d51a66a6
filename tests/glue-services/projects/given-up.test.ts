import { expect, test } from "vitest";
import { lockProject } from "../../../glue-services/projects/access.ts";
import { giveUp, noteAnswer } from "../../../glue-services/projects/changes.ts";
import { cellar } from "./cellar.ts";
import { type Rig, startProjects } from "./projects.ts";

/** A project that a service holds up in its creation, which stands still since nothing runs in the background. */
async function stillWaiting(): Promise<{ on: Rig; id: string; change: string }> {
  const on = await startProjects([cellar({ created: async () => "later" })], { background: false });
  await on.owner.query(
    `insert into devflow.subscription (subscriber, topic) values ('cellar.project-created', 'projects.created'),
       ('attic.project-created', 'projects.created') on conflict do nothing`,
  );
  const { id } = await on.create("Wine");
  const [made] = await on.changes(id);
  expect(await on.left(id)).toEqual(["create attic waiting", "create cellar waiting"]);
  return { on, id, change: made?.id ?? "" };
}

const stateOf = async (on: Rig, id: string) =>
  (await on.changes(id))[0]?.parts.find(({ service }) => service === "cellar")?.state;

test("a service that was given up is waited for no more, whatever it says is left, and may still finish", async () => {
  const { on, id, change } = await stillWaiting();
  const answer = (remaining?: string) =>
    on.database.withTenant(on.me.identity, (tx) => noteAnswer(tx, { topic: "cellar.project-part", change, remaining }));
  await on.ask("DELETE", `/${id}/parts/cellar`);
  expect(await stateOf(on, id)).toBe("given-up");
  await answer("3 barrels");
  expect(await stateOf(on, id)).toBe("given-up");
  await answer();
  expect(await stateOf(on, id)).toBe("done");
  await answer("3 barrels");
  expect(await stateOf(on, id)).toBe("done");
});

test("an answer and giving the service up, at once, do not wait for each other", async () => {
  const { on, id, change } = await stillWaiting();
  const waiting = async () =>
    (
      await on.owner.query(
        `select from pg_locks join pg_stat_activity using (pid)
         where pg_stat_activity.datname = current_database() and not granted`,
      )
    ).rowCount;
  const holder = await on.owner.connect();
  try {
    await holder.query("begin");
    await holder.query("select from projects.part where change_id = $1 for update", [change]);
    // Both are held where they are, one after the other, until the holder lets go.
    const givingUp = on.database.withTenant(on.me.identity, async (tx) => {
      await giveUp(tx, await lockProject(tx, on.me.identity, id, { role: "owner" }), "cellar");
    });
    await expect.poll(waiting).toBe(1);
    const answering = on.database.withTenant(on.me.identity, (tx) =>
      noteAnswer(tx, { topic: "cellar.project-part", change }),
    );
    await expect.poll(waiting).toBe(2);
    await holder.query("commit");
    expect((await Promise.allSettled([givingUp, answering])).map(({ status }) => status)).toEqual([
      ...["fulfilled", "fulfilled"],
    ]);
  } finally {
    holder.release();
  }
  expect(await stateOf(on, id)).toBe("done");
});
