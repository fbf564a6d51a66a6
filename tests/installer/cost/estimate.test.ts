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

  it("adds up to what a person gets by hand from the list of the day", () => {
    const nodes = (capacityType: string, kind: string, desiredSize: number) =>
      goal("aws:eks/nodeGroup:NodeGroup", { capacityType, instanceTypes: [kind], scalingConfig: { desiredSize } });
    const disks = [{ ebs: { volumeSize: 20 } }, { ebs: { volumeSize: 80 } }];
    const stack = [
      goal("aws:eks/cluster:Cluster", {}),
      goal("aws:ec2/launchTemplate:LaunchTemplate", { blockDeviceMappings: disks }),
      nodes("ON_DEMAND", "m7i.large", 3),
      nodes("SPOT", "m7i.large", 2),
      goal("aws:ec2/natGateway:NatGateway", {}),
      goal("aws:ec2/eip:Eip", {}),
      goal("aws:rds/instance:Instance", { instanceClass: "db.m7g.large", allocatedStorage: 100, multiAz: true }),
      goal("aws:kms/key:Key", {}),
      goal("aws:secretsmanager/secret:Secret", {}),
    ];
    // 730 hours a month, prices of us-east-1 on 2026-06-30.
    const byHand = [
      73.0, // control plane: 730 × 0.10
      220.75, // three nodes: 3 × 730 × 0.1008, rounded
      58.87, // two spare nodes at 40 %: 2 × 730 × 0.1008 × 0.4, rounded
      40.0, // their disks: 5 × 100 GB × 0.08
      32.85, // NAT gateway: 730 × 0.045
      3.65, // its address: 730 × 0.005
      245.28, // database and standby: 2 × 730 × 0.168
      23.0, // its disk twice: 2 × 100 GB × 0.115
      1.0, // key
      0.4, // secret
    ].reduce((sum, one) => sum + one, 0);
    const made = estimate(stack, "us-east-1");
    expect(made?.monthly).toBeCloseTo(byHand, 1);
    expect(made).toMatchObject({ currency: "USD", region: "us-east-1", date: "2026-06-30" });
    expect(made?.source).toContain("price lists of AWS");
    expect(estimate(stack, "eu-central-1")?.monthly).toBeCloseTo(byHand * 1.2, 0);
  });

  it("costs nothing where there is no cloud", () => {
    expect(estimate([goal("docker:index/container:Container", {})], "us-east-1")).toBeUndefined();
  });
});
