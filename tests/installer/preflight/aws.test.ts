import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quotas } from "../../../installer/aws/quotas.ts";
import { diagnose } from "../../../installer/doctor/diagnose.ts";
import { awsLeftovers as leftoversRule } from "../../../installer/doctor/rules/aws-leftovers.ts";
import { exec } from "../../../installer/machine/exec.ts";
import type { Check, CheckInput } from "../../../installer/preflight/check.ts";
import { awsAccount, awsLeftovers, awsQuotas } from "../../../installer/preflight/checks/aws.ts";
import type { Facts } from "../../../installer/preflight/facts.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { inputFor, temporaryFolder } from "./machine.ts";

type Answers = Record<string, object | { code: number; stderr: string }>;

/** A machine whose AWS CLI has these answers by `service command`, and refuses what it was not told. */
function machine(answers: Answers, asked: string[][] = []): Pick<Facts, "exec"> {
  return {
    exec: async ([, ...args]) => {
      asked.push(args);
      const answer = answers[`${args[0]} ${args[1]}`];
      if (answer === undefined) return { code: 254, stdout: "", stderr: denied };
      return "code" in answer ? { stdout: "", ...answer } : { code: 0, stdout: JSON.stringify(answer), stderr: "" };
    },
  };
}

const denied = "\nAn error occurred (AccessDenied) when calling the ListThings operation: User is not authorized.\n";
const limit = () => AbortSignal.timeout(300_000);

function input(folder: string, facts: Partial<Facts>, set: string[] = []): CheckInput {
  const settings = exampleSettings("dedicated", ["kubernetes.size=small", "kubernetes.ha=false", ...set]);
  const { backend: _, ...engine } = settings.engine;
  return { ...inputFor({ folder }, facts), settings: { ...settings, engine } };
}

describe("credentials of AWS", () => {
  const asks = (answers: Answers, set: string[] = []) =>
    awsAccount.run(input("/nowhere", machine(answers), set), limit());
  const who = (Account: string, Arn: string) => ({ "sts get-caller-identity": { Account, Arn } });
  const ada = "arn:aws:sts::123456789012:assumed-role/operations/ada";

  test("are those of the stack's account", async () => {
    expect(await asks(who("123456789012", ada))).toMatchObject({ status: "ok", result: "123456789012, as operations" });
    expect(await asks(who("999999999999", ada))).toMatchObject({
      status: "fail",
      fix: expect.stringContaining("AWS_PROFILE"),
    });
    expect(await asks({})).toMatchObject({
      status: "fail",
      result: expect.stringContaining("AccessDenied: User is not"),
    });
  });

  test("are one of the administrators' where these are named, since nobody else gets into the cluster", async () => {
    const named = ['aws.administrators=["arn:aws:iam::123456789012:role/teams/operations"]'];
    expect(await asks(who("123456789012", ada), named)).toMatchObject({ status: "ok" });
    const other = ada.replace("operations", "readers");
    expect(await asks(who("123456789012", other), named)).toMatchObject({
      status: "fail",
      result: "readers is not among aws.administrators, so it cannot set the cluster up",
    });
  });

  test("need the AWS CLI", async () => {
    const facts = { exec: () => exec(["/nowhere/aws", "sts"], limit()) };
    expect(await awsAccount.run(input("/nowhere", facts), limit())).toMatchObject({
      status: "fail",
      result: "the AWS CLI is not installed",
    });
  });
});

describe("quotas of AWS", () => {
  const asks = (Value: number) =>
    awsQuotas.run(input("/nowhere", machine({ "service-quotas get-service-quota": { Quota: { Value } } })), limit());

  test("that are too small are told with the command that asks for more", async () => {
    expect(await asks(5000)).toMatchObject({ status: "ok" });
    const short = await asks(3);
    expect(short).toMatchObject({
      status: "fail",
      result: expect.stringContaining("vCPUs on demand (standard kinds): 18 needed, 3 allowed"),
    });
    expect(short.fix).toMatch(
      /request-service-quota-increase --region eu-central-1 .* --quota-code L-1216C47A --desired-value 18$/,
    );
    expect(short.data).toHaveLength(quotas.length);
  });

  test("that nobody may read are a warning", async () => {
    expect(await awsQuotas.run(input("/nowhere", machine({})), limit())).toMatchObject({ status: "warn" });
  });
});

describe("M2: what an earlier stack of the name left", () => {
  const nothing = {
    "s3api list-buckets": {},
    "backup list-backup-vaults": {},
    "kms list-aliases": {},
    "logs describe-log-groups": {},
  };
  const left: Answers = {
    ...nothing,
    "secretsmanager list-secrets": {
      SecretList: [
        { Name: "acme/postgres/superuser", DeletedDate: 1_790_000_000 },
        { Name: "acme/code/administrator" },
      ],
    },
    "rds describe-db-snapshots": {
      DBSnapshots: [{ DBSnapshotIdentifier: "acme-postgres-final-0a1b2c3d" }, { DBSnapshotIdentifier: "other" }],
    },
  };

  async function withState(names: string[], run: (folder: string) => Promise<void>) {
    await using folder = await temporaryFolder();
    const state = join(input(folder.path, {}).paths.root, "pulumi", "state", ".pulumi", "stacks", "devflow");
    // The input's paths are those of its own stack; the state is by the stack's name.
    await mkdir(state, { recursive: true });
    const resources = names.map((name) => ({
      urn: `urn:${name}`,
      type: "aws:s3/bucket:Bucket",
      inputs: { bucket: name },
    }));
    await writeFile(join(state, "acme.json"), JSON.stringify({ checkpoint: { latest: { resources } } }));
    await run(folder.path);
  }

  test("secrets on their way out stop an up, and say how they are taken over or let go of", async () => {
    await withState([], async (folder) => {
      const finding = await awsLeftovers.run(input(folder, machine(left)), limit());
      expect(finding).toMatchObject({
        status: "fail",
        result: "secret on its way out acme/postgres/superuser of an earlier stack",
      });
      expect(finding.fix).toContain("restore-secret --secret-id acme/postgres/superuser");
      expect(finding.data).toHaveLength(2);
    });
  });

  test("buckets of the stack itself are none, those of an earlier one are", async () => {
    const own = "acme-objects-123456789012-eu-central-1";
    const earlier = "acme-records-123456789012-eu-central-1";
    const answers = {
      ...left,
      "secretsmanager list-secrets": {},
      "s3api list-buckets": { Buckets: [{ Name: own }, { Name: earlier }] },
    };
    await withState([own], async (folder) => {
      const finding = await awsLeftovers.run(input(folder, machine(answers)), limit());
      expect(finding).toMatchObject({ status: "fail", result: `bucket ${earlier} of an earlier stack` });
    });
  });

  test("without the state only what is certain is asked for", async () => {
    const asked: string[][] = [];
    const remote = input("/nowhere", machine(left, asked));
    const settings = { ...remote.settings, engine: { ...remote.settings.engine, backend: "s3://state" } };
    await awsLeftovers.run({ ...remote, settings }, limit());
    expect(asked.map(([service]) => service).sort()).toEqual(["rds", "secretsmanager"]);
  });

  test("what may not be read is said, and nothing but reading is asked", async () => {
    const asked: string[][] = [];
    const finding = await awsLeftovers.run(input("/nowhere", machine({}, asked)), limit());
    expect(finding).toMatchObject({ status: "warn", result: expect.stringContaining("AccessDenied") });
    for (const [, command] of asked) expect(command).toMatch(/^(list|describe|get)-/);
  });

  test("doctor lists it", async () => {
    await withState([], async (folder) => {
      const look = input(folder, machine(left));
      const found = await diagnose(look, { rules: [leftoversRule], facts: look.facts });
      expect(found).toMatchObject([
        {
          id: "aws-leftovers",
          severity: "warning",
          title: "2 things of an earlier stack of this name are still in the account",
        },
      ]);
      expect(found[0]?.evidence).toContain("last snapshot acme-postgres-final-0a1b2c3d");
    });
  });
});

test("a stack of another kind asks AWS nothing", async () => {
  const asked: string[][] = [];
  for (const check of [awsAccount, awsQuotas, awsLeftovers] satisfies Check[])
    expect(await check.run(inputFor({ folder: "/nowhere" }, machine({}, asked)), limit())).toMatchObject({
      status: "skipped",
    });
  expect(asked).toEqual([]);
});
