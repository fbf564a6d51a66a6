import { describe, expect, it } from "vitest";
import { estimate } from "../../../installer/cost/estimate.ts";
import { awsPrices } from "../../../installer/cost/prices.ts";
import { declared } from "../../../installer/declared/declared.ts";
import type { Goal } from "../../../installer/engine/index.ts";
import type { Properties } from "../../../installer/engine/values.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";

const goal = (type: string, inputs: Properties): Goal => ({ type, name: "thing", urn: type, inputs }) as Goal;
const { hourly, monthly, hours, spotShare } = awsPrices();
const of = (...goals: Goal[]) => estimate(goals, "us-east-1")?.monthly;

describe("what a stack will cost", () => {
  it("counts a database with its standby twice, and its disk", () => {
    const inputs = { instanceClass: "db.m7g.large", allocatedStorage: 100, multiAz: true };
    const twice = hours * 2 * (hourly.databases["db.m7g.large"] ?? 0) + 200 * monthly.databaseDisk;
    expect(of(goal("aws:rds/instance:Instance", inputs))).toBeCloseTo(twice, 1);
    expect(of(goal("aws:rds/instance:Instance", { ...inputs, multiAz: false }))).toBeCloseTo(twice / 2, 1);
  });

  it("takes the dearest of the kinds that spare capacity may be, at its share of the list price", () => {
    const group = {
      capacityType: "SPOT",
      instanceTypes: ["m5a.large", "m7i.large"],
      scalingConfig: { desiredSize: 3 },
    };
    const price = 3 * hours * spotShare * (hourly.instances["m7i.large"] ?? 0);
    expect(of(goal("aws:eks/nodeGroup:NodeGroup", group))).toBeCloseTo(price, 1);
  });

  it("counts a private endpoint once a zone, and the way to S3 not at all", () => {
    const endpoint = (vpcEndpointType: string) =>
      goal("aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType, subnetIds: ["a", "b", "c"] });
    expect(of(endpoint("Interface"))).toBeCloseTo(3 * hours * hourly.endpoint, 2);
    expect(of(endpoint("Gateway"))).toBe(0);
  });

  it("reads the sizes of the cluster's volumes", () => {
    const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
    const set = goal("kubernetes:apps/v1:StatefulSet", {
      spec: { replicas: 3, volumeClaimTemplates: [claim("10Gi")] },
    });
    const key = goal("aws:kms/key:Key", {});
    expect(of(set, key)).toBeCloseTo(30 * monthly.disk + monthly.key, 2);
    expect(of(goal("kubernetes:core/v1:PersistentVolumeClaim", claim("512Mi")), key)).toBeCloseTo(
      0.5 * monthly.disk + monthly.key,
      2,
    );
  });

  it("says so when it does not know a price, and does not guess", () => {
    const inputs = { instanceClass: "db.x99.large", allocatedStorage: 0, multiAz: false };
    const made = estimate([goal("aws:rds/instance:Instance", inputs)], "us-east-1");
    expect(made?.monthly).toBe(0);
    expect(made?.notes.join()).toContain("db.x99.large");
    expect(estimate([goal("aws:kms/key:Key", {})], "mars-north-1")?.notes.join()).toContain("mars-north-1");
  });

  it("knows every price of every size of the example, and its parts add up to the sum", async () => {
    const sums: number[] = [];
    for (const size of ["small", "medium", "large"]) {
      const { goals } = await declared(
        exampleSettings("dedicated", [`kubernetes.size=${size}`, "aws.region=us-east-1"]),
      );
      const made = estimate(goals, "us-east-1");
      expect(made?.notes.filter((note) => note.includes("does not know"))).toEqual([]);
      const parts = made?.components.reduce((sum, { monthly: own }) => sum + own, 0);
      expect(parts).toBeCloseTo(made?.monthly ?? 0, 5);
      sums.push(made?.monthly ?? 0);
    }
    expect(sums).toEqual([...sums].sort((one, other) => one - other));
    expect(sums[0]).toBeGreaterThan(200);
  });

  it("costs nothing where there is no cloud", () => {
    expect(estimate([goal("docker:index/container:Container", {})], "us-east-1")).toBeUndefined();
  });
});
