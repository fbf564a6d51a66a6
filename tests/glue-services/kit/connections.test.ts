import { expect, test } from "vitest";
import { boundsOf, connectionsOf, divide } from "../../../glue-services/kit/database/budget.ts";
import { build, leaveNoRoom, person } from "../build.ts";
import { notes } from "../notes/notes.ts";

test("the pools of a host sum up to no more than its connections, and use all that they have a use for", () => {
  const wrong: object[] = [];
  for (let services = 0; services <= 30; services++) {
    const { least, most } = boundsOf(services);
    for (let connections = least; connections <= most + 5; connections++) {
      const { owner, requests, background } = divide(connections, services);
      const sum = owner + services * (requests + background);
      const used = Math.min(connections, most);
      const enough = owner >= 7 && requests >= 2 && background >= 1;
      // What is left over is too little to give each service one more.
      if (!enough || sum > used || sum <= used - services - 2) wrong.push({ services, connections, sum });
    }
    if (services > 0 && divide(most, services).requests < divide(least, services).requests + 10)
      wrong.push({ services });
  }
  expect(wrong).toEqual([]);
});

test("a host takes what its server has for it: the other hosts and programs, and the superusers' share, are left alone", () => {
  const server = { accepts: 100, keeps: 3 };
  expect(connectionsOf(server, 5)).toEqual({ connections: 72 });
  expect(connectionsOf({ ...server, accepts: 400 }, 5)).toEqual({ connections: 90 });
  expect(connectionsOf(server, 5, { hosts: 2, others: 20 })).toEqual({ connections: 38 });
  expect(connectionsOf(server, 5, { connections: 30, hosts: 2, others: 20 })).toEqual({ connections: 30 });
  const tooMany = connectionsOf(server, 5, { connections: 60, hosts: 2, others: 20 });
  expect(tooMany).toMatchObject({
    connections: 38,
    tooMuch: expect.stringContaining("sizing.postgres.maxConnections"),
  });
  // Less than it needs is said, and it goes on with what it needs; what can never work is refused.
  expect(connectionsOf(server, 5, { hosts: 6 })).toMatchObject({ connections: 22, tooMuch: expect.any(String) });
  expect(() => connectionsOf({ accepts: 20, keeps: 3 }, 5)).toThrow(
    "accepts 17 connections, but a host of 5 services needs 22",
  );
});

test("a host under load opens no more connections than it was given", async () => {
  const { app, owner } = await build([notes], { connections: { connections: boundsOf(1).least } });
  const { headers } = person();
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      const { rows } = await owner.query<{ open: number }>(
        `select count(*)::int as open from pg_stat_activity
         where datname = current_database() and application_name like 'devflow%'`,
      );
      most = Math.max(most, rows[0]?.open ?? 0);
    }
  })();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: `print ${at}` } }),
    ),
  );
  over = true;
  await watching;
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toContain(201);
  expect(most).toBeLessThanOrEqual(boundsOf(1).least);
});

test("while the server has no room for a connection calls wait for it, and then are told when to come back", async () => {
  const built = await build([notes], { background: false });
  const { headers } = person();
  const { makeRoom } = await leaveNoRoom(built);
  const late = await built.app.inject({ url: "/api/notes", headers });
  expect(late.statusCode, late.body).toBe(503);
  expect(late.headers["retry-after"]).toBe("2");
  expect(late.json().error.code).toBe("UNAVAILABLE");
  const waiting = built.app.inject({ url: "/api/notes", headers });
  // Long enough for it to be refused a connection more than once.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await makeRoom();
  expect((await waiting).statusCode).toBe(200);
});
