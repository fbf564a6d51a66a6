import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { cellar } from "../glue-services/projects/cellar.ts";
import { startProjects } from "../glue-services/projects/projects.ts";
import { commandLine } from "./command-line.ts";

const withKey = ["--key-file", "key"];

/** A platform where the command line looks for it, and the command line. */
async function start(options: Parameters<typeof cellar>[0] = {}) {
  const service = cellar(options);
  const subscriptions = (service.subscriptions ?? []).map((one) => ({ ...one, attempts: 1 }));
  const on = await startProjects([{ ...service, subscriptions }]);
  await on.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(on.app.server.address() as AddressInfo).port}`;
  const { devflow } = await commandLine(url, on.me.headers.authorization.slice(7));
  return { on, devflow: (...args: string[]) => devflow(["projects", ...args, ...withKey]) };
}

test("a project is created, listed, shown, renamed, archived, restored and deleted by the command line", async () => {
  const { on, devflow } = await start();
  expect((await devflow("list")).stderr).toContain("projects create");
  const made = await devflow("create", "Web shop", "--description", "Sells.", "--everyone", "none");
  expect([made.code, made.stdout]).toEqual([0, "web-shop\n"]);
  expect((await devflow("list")).stdout).toMatch(/web-shop\s+Web shop\s+active\s+owner\s+none/);
  expect((await devflow("show", "web-shop")).stdout).toMatch(/Environments\s+production, staging/);
  expect((await devflow("rename", "web-shop", "Shop", "--slug", "shop")).code).toBe(0);
  expect((await devflow("rename", "shop")).stderr).toContain("Nothing to change");
  expect((await devflow("archive", "shop")).code).toBe(0);
  expect(JSON.parse((await devflow("list", "--json")).stdout)).toEqual([]);
  expect(JSON.parse((await devflow("list", "--all", "--json")).stdout)).toMatchObject([
    { slug: "shop", state: "archived" },
  ]);
  expect((await devflow("restore", "shop")).code).toBe(0);
  const unsure = await devflow("delete", "shop");
  expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining("--yes --confirm shop")]);
  expect((await devflow("delete", "shop", "--yes", "--confirm", "web-shop")).code).toBe(2);
  const gone = await devflow("delete", "shop", "--yes", "--confirm", "shop");
  expect([gone.code, gone.stderr]).toEqual([0, expect.stringContaining("Shop is deleted.")]);
  expect((await devflow("show", "shop")).code).toBe(11);
  expect((await on.owner.query("select from projects.project")).rowCount).toBe(0);
});

test("members are set and removed, and a deletion that a service fails says which, why, and how to go on", async () => {
  let broken = true;
  const { on, devflow } = await start({
    removing: async () => {
      if (broken) throw new Error("the door is stuck");
    },
  });
  await on.create("Wine");
  const other = on.colleague().identity.person as string;
  expect((await devflow("members", "set", "wine", other, "maintainer")).code).toBe(0);
  expect((await devflow("members", "list", "wine")).stdout).toContain("maintainer");
  expect((await devflow("members", "remove", "wine", other)).code).toBe(0);
  expect(JSON.parse((await devflow("members", "list", "wine", "--json")).stdout)).toMatchObject([{ role: "owner" }]);
  const failed = await devflow("delete", "wine", "--yes", "--confirm", "wine");
  expect([failed.code, failed.stderr]).toEqual([8, expect.stringContaining("cellar (the door is stuck)")]);
  expect((await devflow("show", "wine")).stdout).toMatch(/Not done yet\s+delete: cellar failed, the door is stuck/);
  broken = false;
  expect((await devflow("retry", "wine")).code).toBe(0);
  await expect.poll(async () => (await devflow("show", "wine")).code).toBe(11);
});
