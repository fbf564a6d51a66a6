import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { handOver } from "./hand-over.ts";
import type { Context, ResourceProvider } from "./provider.ts";
import { run } from "./run.ts";
import { unprivileged } from "./unprivileged.ts";

const Inputs = Type.Object({
  program: Type.String(),
  folder: Type.String(),
  superuser: Type.String(),
  password: Type.String(),
});
type Inputs = Type.Static<typeof Inputs>;

/** A data folder made by initdb, in one step: a folder that is there is whole. */
export const postgresCluster: ResourceProvider<Inputs, { dataDirectory: string }> = {
  inputs: Inputs,
  replaceOn: ["folder"],
  preview: ({ folder }) => ({ dataDirectory: join(folder, "cluster") }),
  identify: ({ folder }) => join(folder, "cluster"),
  async create(inputs, context) {
    const dataDirectory = join(inputs.folder, "cluster");
    const found = await versionOf(dataDirectory);
    if (found === undefined) await initialise(inputs, dataDirectory, context);
    else await refuseOtherMajor(found, inputs, context);
    return { id: dataDirectory, outputs: { dataDirectory } };
  },
  async update(_id, inputs, old, context) {
    await refuseOtherMajor((await versionOf(old.outputs.dataDirectory)) ?? "", inputs, context);
    return old.outputs;
  },
  async read(_id, _inputs, outputs) {
    return (await versionOf(outputs.dataDirectory)) === undefined ? undefined : outputs;
  },
  async delete(_id, _inputs, outputs) {
    await rm(outputs.dataDirectory, { recursive: true, force: true });
  },
};

/** initdb into a folder beside the final one, renamed when it is complete: a crash leaves only the former. */
async function initialise(inputs: Inputs, dataDirectory: string, context: Context): Promise<void> {
  context.report({ phase: "initialising" });
  const parent = dirname(dataDirectory);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    if (name.startsWith("initialising-")) await rm(join(parent, name), { recursive: true, force: true });
  }
  const work = join(parent, `initialising-${randomBytes(4).toString("hex")}`);
  await mkdir(work, { mode: 0o700 });
  const passwordFile = join(work, "password");
  await writeFile(passwordFile, `${inputs.password}\n`, { mode: 0o600 });
  const cluster = join(work, "cluster");
  await mkdir(cluster, { mode: 0o700 });
  const initdb = [
    join(inputs.program, "bin", "initdb"),
    `--pgdata=${cluster}`,
    `--username=${inputs.superuser}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--data-checksums",
  ];
  handOver(work, context.host);
  const { command, ...user } = unprivileged(initdb);
  await run(command, {
    ...user,
    env: { PATH: process.env.PATH, TZ: "UTC" },
    cwd: work,
    timeout: 120_000,
    signal: context.signal,
  });
  await rm(passwordFile);
  await rename(cluster, dataDirectory);
  await rm(work, { recursive: true });
}

async function versionOf(dataDirectory: string): Promise<string | undefined> {
  const text = await readFile(join(dataDirectory, "PG_VERSION"), "utf8").catch(() => undefined);
  return text?.trim();
}

async function refuseOtherMajor(found: string, inputs: Inputs, context: Context): Promise<void> {
  const { PATH } = process.env;
  const printed = await run([join(inputs.program, "bin", "postgres"), "--version"], {
    env: { PATH },
    timeout: 10_000,
    signal: context.signal,
  });
  const major = /\b(\d+)\.\d+/.exec(printed)?.[1];
  if (major === found) return;
  throw new DevflowError(
    "COMPONENT_FAILED",
    `${inputs.folder} holds data of PostgreSQL ${found}, this one is ${major}.`,
    {
      hint: "Upgrade the data with pg_upgrade, or give the stack the former version; the data is untouched.",
    },
  );
}
