import type { Facts } from "../preflight/facts.ts";
import { ask } from "./ask.ts";

/** Something of an earlier stack of the same name that outlived it. */
export interface Leftover {
  what: string;
  name: string;
  /** True when a new stack of the name fails at it, unless it is taken over. */
  blocks: boolean;
  /** A command, or what to do in words. */
  fix: string;
}

interface Around {
  facts: Pick<Facts, "exec">;
  region: string;
  stack: string;
}

/**
 * What outlives a stack by its names, as far as these credentials may read it: `unread` says what they may not.
 *
 * @param own names that the stack there is now has itself; undefined when nobody knows, and then only what is certainly an
 * earlier one's is told: secrets on their way out, and last snapshots
 */
export async function leftovers(
  around: Around,
  own: ReadonlySet<string> | undefined,
  signal: AbortSignal,
): Promise<{ found: Leftover[]; unread: string[] }> {
  const asked = questions.filter(({ certain }) => certain || own !== undefined);
  const answers = await Promise.all(asked.map((question) => answerOf(question, around, signal)));
  return {
    found: answers.flatMap(({ found }) => found).filter(({ name }) => !own?.has(name)),
    unread: answers.flatMap(({ unread }) => unread),
  };
}

async function answerOf(question: Question, around: Around, signal: AbortSignal) {
  const answer = await ask<Listing>(around, question.ask(around.stack), signal);
  if (!("value" in answer)) {
    const why = "missing" in answer ? "the AWS CLI is not installed" : answer.refused;
    return { found: [], unread: [`${question.what}s: ${why}`] };
  }
  const found = question
    .names(answer.value, around.stack)
    .map((name): Leftover => ({ what: question.what, name, blocks: question.blocks, fix: question.fix(name) }));
  return { found, unread: [] };
}

/** The parts of AWS's answers that are read. */
interface Listing {
  SecretList?: { Name: string; DeletedDate?: unknown }[];
  DBSnapshots?: { DBSnapshotIdentifier: string }[];
  Buckets?: { Name: string }[];
  BackupVaultList?: { BackupVaultName: string }[];
  Aliases?: { AliasName: string }[];
  logGroups?: { logGroupName: string }[];
}

interface Question {
  what: string;
  ask: (stack: string) => string[];
  names: (listing: Listing, stack: string) => string[];
  /** Whatever it finds is an earlier stack's. */
  certain: boolean;
  blocks: boolean;
  fix: (name: string) => string;
}

const questions: Question[] = [
  {
    what: "secret on its way out",
    certain: true,
    blocks: true,
    ask: (stack) => [
      ...["secretsmanager", "list-secrets", "--include-planned-deletion"],
      ...["--filters", `Key=name,Values=${stack}/`],
    ],
    names: ({ SecretList = [] }, stack) =>
      SecretList.filter((one) => one.DeletedDate !== undefined && one.Name.startsWith(`${stack}/`)).map(
        (one) => one.Name,
      ),
    fix: (name) =>
      `aws secretsmanager restore-secret --secret-id ${name}, and pulumi import it; or free the name: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${name}`,
  },
  {
    what: "last snapshot",
    certain: true,
    blocks: false,
    ask: () => ["rds", "describe-db-snapshots", "--snapshot-type", "manual"],
    names: ({ DBSnapshots = [] }, stack) =>
      DBSnapshots.map((one) => one.DBSnapshotIdentifier).filter((name) => name.startsWith(`${stack}-postgres-final-`)),
    fix: (name) =>
      `It is an earlier database's last state: backups.recoverFrom.snapshot=${name} makes the new one of it; aws rds delete-db-snapshot --db-snapshot-identifier ${name} deletes it`,
  },
  {
    what: "bucket",
    certain: false,
    blocks: true,
    ask: (stack) => ["s3api", "list-buckets", "--prefix", `${stack}-`],
    names: ({ Buckets = [] }, stack) =>
      Buckets.map((one) => one.Name).filter((name) => name.startsWith(`${stack}-`) && /-\d{12}-[a-z0-9-]+$/.test(name)),
    fix: (name) => `pulumi import it, or empty and delete it when its lock is over: aws s3 rb s3://${name} --force`,
  },
  {
    what: "backup vault",
    certain: false,
    blocks: true,
    ask: () => ["backup", "list-backup-vaults"],
    names: ({ BackupVaultList = [] }, stack) =>
      BackupVaultList.map((one) => one.BackupVaultName).filter((name) => name === stack),
    fix: (name) =>
      `pulumi import it: it cannot be deleted while it has copies (aws backup describe-backup-vault --backup-vault-name ${name})`,
  },
  {
    what: "alias of a key",
    certain: false,
    blocks: true,
    ask: () => ["kms", "list-aliases"],
    names: ({ Aliases = [] }, stack) =>
      Aliases.map((one) => one.AliasName).filter((name) => name.startsWith(`alias/${stack}/`)),
    fix: (name) => `aws kms delete-alias --alias-name ${name}; the key itself stays, since backups need it`,
  },
  {
    what: "group of logs",
    certain: false,
    blocks: true,
    ask: (stack) => ["logs", "describe-log-groups", "--log-group-name-pattern", stack],
    names: ({ logGroups = [] }, stack) =>
      logGroups
        .map((one) => one.logGroupName)
        .filter((name) =>
          [`/aws/eks/${stack}/`, `/aws/rds/instance/${stack}-`, `aws-waf-logs-${stack}-`].some((start) =>
            name.startsWith(start),
          ),
        ),
    fix: (name) => `pulumi import it, or: aws logs delete-log-group --log-group-name ${name}`,
  },
];
