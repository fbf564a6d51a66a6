import { expect, it } from "vitest";
import { declared } from "../../../installer/declared/declared.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { holdersOf } from "../../../installer/pulumi/holders.ts";

it("a teardown names everything of a customer's cloud that is protected, and nothing that is not there", async () => {
  const { goals } = await declared(exampleSettings("dedicated"));
  const holders = holdersOf(goals);
  const named = goals.filter(({ protect, type }) => protect && type !== "aws:cloudtrail/trail:Trail");
  expect(holders.filter(({ fate }) => fate === "protected")).toHaveLength(named.length);
  const whats = new Set(holders.map(({ what }) => what));
  expect([...whats].sort()).toEqual(
    ["backup vault", "bucket", "cluster", "database", "database server", "key", "namespace", "secret", "volume"].sort(),
  );
});

it("what is retained stays when its protection is off, and the rest goes", async () => {
  const { goals } = await declared(exampleSettings("dedicated", ["aws.protect=false"]));
  const fates = Object.groupBy(holdersOf(goals), ({ fate }) => fate);
  expect(fates.protected).toBeUndefined();
  expect(new Set(fates.kept?.map(({ what }) => what))).toEqual(new Set(["key"]));
  expect(fates.deleted?.find(({ what }) => what === "database server")).toMatchObject({
    note: "a last snapshot stays",
  });
});

it("what Pulumi leaves is told as deleted when what it is in is deleted: a volume with its namespace", async () => {
  const { goals } = await declared(exampleSettings("saas", ["kubernetes.protect=false"]));
  const holders = holdersOf(goals);
  expect(holders.map(({ what }) => what)).toEqual(expect.arrayContaining(["database server", "database", "volume"]));
  expect(holders.filter(({ fate }) => fate !== "deleted")).toEqual([]);
  const volume = holders.find(({ what }) => what === "volume");
  expect(volume?.note).toContain("goes with its namespace");
  const others = goals.filter(({ type }) => type !== "kubernetes:core/v1:Namespace");
  expect(holdersOf(others).find(({ what }) => what === "volume")?.fate).toBe("kept");
});
