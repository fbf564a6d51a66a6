import { expect, test } from "vitest";
import { projects } from "../../../glue-services/projects/app.ts";
import type { MemberShown, ProjectShown } from "../../../glue-services/projects/schemas.ts";
import { firstAdministrator, invited, platform, strong, Visitor } from "../identity/platform.ts";

/** A platform with a project of which Ben is maintainer. */
async function withMember() {
  const on = await platform({}, [projects()]);
  const ada = await firstAdministrator(on);
  const ben = await invited(on, ada, "ben@example.com", ["developer"]);
  const { rows } = await on.owner.query<{ id: string }>(
    `select id from identity."user" where email = 'ben@example.com'`,
  );
  const person = rows[0]?.id;
  const { id } = (await ada.send("POST", "/api/projects", { name: "Wine", everyone: null })).json<ProjectShown>();
  await ada.send("PUT", `/api/projects/${id}/members/${person}`, { role: "maintainer" });
  const memberOf = async () => {
    const members = (await ada.send("GET", `/api/projects/${id}/members`)).json<MemberShown[]>();
    return members.find((one) => one.person === person)?.role;
  };
  /** The service has taken all that it was told of people. */
  const heard = () =>
    expect
      .poll(async () => {
        const { rows } = await on.owner.query(
          "select from devflow.delivery where subscriber = 'projects.forget-who-left'",
        );
        return rows.length;
      })
      .toBe(0);
  const entries = async () =>
    (
      await on.owner.query<{ details: object }>(
        "select details from devflow.audit where action = 'project.member-removed' and target = $1",
        [id],
      )
    ).rows.map(({ details }) => details);
  return { ...on, ada, ben, person, id, memberOf, heard, entries };
}

test("whoever is disabled keeps their roles in projects, which count for nothing until they are enabled", async () => {
  const { app, ada, ben, person, id, memberOf, heard, entries } = await withMember();
  expect((await ben.send("GET", `/api/projects/${id}`)).statusCode).toBe(200);
  expect((await ada.send("PUT", `/api/identity/people/${person}/disabled`, { disabled: true })).statusCode).toBe(200);
  await heard();
  expect(await memberOf()).toBe("maintainer");
  await expect.poll(async () => (await ben.send("GET", `/api/projects/${id}`)).statusCode).toBe(401);
  expect((await ada.send("PUT", `/api/identity/people/${person}/disabled`, { disabled: false })).statusCode).toBe(200);
  await heard();
  const again = new Visitor(app);
  await again.send("POST", "/api/auth/sign-in/email", { email: "ben@example.com", password: strong });
  expect((await again.send("GET", `/api/projects/${id}`)).json()).toMatchObject({ role: "maintainer" });
  expect(await entries()).toEqual([]);
});

test("whoever is removed loses their roles in projects, and the audit log says so", async () => {
  const { ada, person, memberOf, entries } = await withMember();
  expect((await ada.send("DELETE", `/api/identity/people/${person}`)).statusCode).toBe(204);
  await expect.poll(memberOf).toBeUndefined();
  expect(await entries()).toEqual([expect.objectContaining({ person, from: "maintainer" })]);
});

test("whoever left and was let in again meanwhile has none of the roles from before", async () => {
  const { ada, owner, person, memberOf } = await withMember();
  await owner.query(`update identity.member set "createdAt" = now() + interval '1 ms' where "userId" = $1`, [person]);
  const change = { roles: ["developer", "viewer"] };
  expect((await ada.send("PATCH", `/api/identity/people/${person}`, change)).statusCode).toBe(200);
  await expect.poll(memberOf).toBeUndefined();
});
