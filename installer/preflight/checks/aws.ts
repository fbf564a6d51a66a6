import { ask } from "../../aws/ask.ts";
import { isAmong, roleOf } from "../../aws/identity.ts";
import { leftovers } from "../../aws/leftovers.ts";
import { quotas } from "../../aws/quotas.ts";
import { backendFolder, readCheckpoint } from "../../declared/checkpoint.ts";
import type { Check, CheckInput, Finding } from "../check.ts";

/** AWS answers within seconds, each question for itself. */
const limit = 20_000;
const none: Finding = { status: "skipped", result: "no account of AWS in this stack" };

export const awsAccount: Check = {
  name: "aws-account",
  title: "AWS account",
  why: "Everything is made with the credentials that the AWS CLI has, and the cluster's tokens come from it.",
  limit,
  async run({ settings, facts }, signal) {
    if (settings.stack.kind !== "dedicated") return none;
    const { region, account, administrators } = settings.aws;
    const answer = await ask<{ Account: string; Arn: string }>(
      { facts, region },
      ["sts", "get-caller-identity"],
      signal,
    );
    if ("missing" in answer) {
      const fix =
        "Install the AWS CLI 2: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";
      return { status: "fail", result: "the AWS CLI is not installed", fix };
    }
    if ("refused" in answer) {
      const fix = "Sign in (aws sso login, aws configure) until `aws sts get-caller-identity` answers.";
      return { status: "fail", result: `AWS does not know who asks: ${answer.refused}`, fix };
    }
    const { Account, Arn } = answer.value;
    const data = { account: Account, identity: Arn };
    if (Account !== account) {
      const fix = "Choose the profile of that account: export AWS_PROFILE=…";
      return {
        status: "fail",
        result: `these are credentials of ${Account}, and aws.account is ${account}`,
        fix,
        data,
      };
    }
    if (administrators.length > 0 && !isAmong(Arn, administrators)) {
      const result = `${roleOf(Arn)} is not among aws.administrators, so it cannot set the cluster up`;
      return {
        status: "fail",
        result,
        fix: "Take on one of these roles, or name its ARN in aws.administrators.",
        data,
      };
    }
    return { status: "ok", result: `${Account}, as ${roleOf(Arn)}`, data };
  },
};

export const awsQuotas: Check = {
  name: "aws-quotas",
  title: "AWS quotas",
  why: "AWS gives a new account little of everything; what is over a quota fails in the middle of the first `up`.",
  limit,
  async run({ settings, facts }, signal) {
    if (settings.stack.kind !== "dedicated") return none;
    const { declared } = await import("../../declared/declared.ts");
    const { goals, errors } = await declared({ ...settings, images: { ...settings.images, byDigest: false } });
    if (errors.length > 0) return { status: "skipped", result: "the stack's program says what is wrong first" };
    const { region } = settings.aws;
    const asked = await Promise.all(
      quotas.map(async ({ what, service, code, needs }) => {
        const question = ["service-quotas", "get-service-quota", "--service-code", service, "--quota-code", code];
        const answer = await ask<{ Quota?: { Value?: number } }>({ facts, region }, question, signal);
        const has = "value" in answer ? answer.value.Quota?.Value : undefined;
        return { what, service, code, needs: needs(goals), has };
      }),
    );
    const short = asked.filter(({ has, needs }) => has !== undefined && has < needs);
    const unread = asked.filter(({ has }) => has === undefined).map(({ what }) => what);
    const [first] = short;
    if (first) {
      const result = short.map(({ what, needs, has }) => `${what}: ${needs} needed, ${has} allowed`).join("; ");
      const fix = `aws service-quotas request-service-quota-increase --region ${region} --service-code ${first.service} --quota-code ${first.code} --desired-value ${first.needs}`;
      return { status: "fail", result, fix, data: asked };
    }
    if (unread.length > 0) {
      const fix =
        "Let this identity read quotas (servicequotas:GetServiceQuota), or look in the console; docs/dedicated.md lists what is needed.";
      return { status: "warn", result: `could not be read: ${unread.join(", ")}`, fix, data: asked };
    }
    return {
      status: "ok",
      result: "what this size needs is allowed; what others use of it was not asked",
      data: asked,
    };
  },
};

export const awsLeftovers: Check = {
  name: "aws-leftovers",
  title: "Leftovers in AWS",
  why: "Secrets, buckets, vaults and aliases outlive a stack and keep their names, at which a new one of the name fails.",
  limit,
  async run(input, signal) {
    if (input.settings.stack.kind !== "dedicated") return none;
    const { found, unread } = await leftoversOf(input, signal);
    const blocking = found.filter(({ blocks }) => blocks);
    const [first] = blocking;
    if (first) {
      const result = `${first.what} ${first.name}${blocking.length > 1 ? ` and ${blocking.length - 1} more` : ""} of an earlier stack`;
      return { status: "fail", result, fix: first.fix, data: found };
    }
    const names = found.map(({ name }) => name).join(", ");
    if (unread.length > 0) {
      const fix = "Let this identity list them, or see docs/dedicated.md, Teardown.";
      return { status: "warn", result: `could not be read: ${unread.join("; ")}`, fix, data: found };
    }
    return { status: "ok", result: names === "" ? "none" : `${names}, in nobody's way`, data: found };
  },
};

/** What an earlier stack of the name left, compared with the state where that is a folder; elsewhere it is not known. */
export async function leftoversOf(
  { settings, paths, facts }: Pick<CheckInput, "settings" | "paths" | "facts">,
  signal: AbortSignal,
) {
  const { name } = settings.stack;
  const folder = backendFolder(paths.root, settings.engine.backend);
  const resources = folder === undefined ? undefined : ((await readCheckpoint(folder, name))?.resources ?? []);
  const own = resources?.flatMap(({ inputs = {} }) =>
    [inputs.name, inputs.bucket].filter((one): one is string => typeof one === "string"),
  );
  const around = { facts, region: settings.aws.region, stack: name };
  return leftovers(around, own === undefined ? undefined : new Set(own), signal);
}
