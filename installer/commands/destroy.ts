import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DevflowError } from "../../components/error.ts";
import { findAnswers, shownPath } from "../answers.ts";
import { withLock } from "../engine/index.ts";
import { type Inventory, inventoryOf } from "../run/inventory.ts";
import { stopLiveRun, stopProcesses } from "../run/stop.ts";
import { loadSettings } from "../settings.ts";
import { locateStack, type Place } from "../stack.ts";
import { question } from "../terminal/confirm.ts";
import { bytes, count } from "../terminal/human.ts";
import { say } from "../terminal/say.ts";
import { during } from "../terminal/spinner.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";

export const destroy: Command<{ confirm?: string }> = {
  name: "destroy",
  summary: "Delete the stack with all its data, after asking for its name",
  examples: [
    { command: "./devflow destroy", does: "shows what goes and what stays, then asks for the stack's name" },
    { command: "./devflow destroy --stack demo", does: "the same for another stack" },
    { command: "./devflow destroy --yes --confirm local", does: "for scripts: both are needed" },
  ],
  options: [{ flags: "--confirm <name>", description: "with --yes: name of the stack, instead of typing it" }],
  async run({ options, io }) {
    const place = await locateStack(io, options);
    if ((await kindOf(io, options)) !== "local" || existsSync(join(place.paths.root, "pulumi"))) {
      const [{ openStack }, { destroyByPulumi }] = await Promise.all([
        import("../stack.ts"),
        import("./destroy-by-pulumi.ts"),
      ]);
      return destroyByPulumi(io, await openStack(io, options), () => agree(io, options, place.name));
    }
    if (!existsSync(place.paths.root)) {
      throw new DevflowError("NOT_FOUND", `There is no stack ${place.name} in ${place.home.home}.`, {
        hint: "Name another one with --stack.",
      });
    }
    const inventory = await during(io, "Looking at what there is", inventoryOf(place.paths));
    say(io, `${(await explanation(io, options, place, inventory)).join("\n")}\n`);
    await agree(io, options, place.name);
    await during(io, "Stopping and deleting", remove(place, io.signal));
    if (!io.json) io.err(`Stack ${place.name} is gone.\n`);
    return { stack: place.name, destroyed: inventory };
  },
};

/** A stack whose settings are wrong can be destroyed all the same, when it is on this machine. */
async function kindOf(io: Io, options: GlobalOptions): Promise<string> {
  const loading = loadSettings({ options, env: io.env, cwd: io.cwd });
  return loading.then(
    ({ settings }) => settings.stack.kind,
    () => "local",
  );
}

async function remove({ paths }: Place, signal: AbortSignal): Promise<void> {
  await stopLiveRun(paths);
  await withLock(`${paths.state}.lock`, "destroy", async () => {
    await stopProcesses(paths, signal);
    await rm(paths.sockets, { recursive: true, force: true });
    // The supervisor writes its last lines while it ends.
    await rm(paths.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
}

async function explanation(io: Io, options: GlobalOptions, place: Place, inventory: Inventory): Promise<string[]> {
  const { databases, buckets, repositories, data } = inventory;
  const total = data.reduce((sum, folder) => sum + folder.bytes, 0);
  const { file, exists } = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd, of: options });
  const names = (list: string[]) => (list.length > 0 ? `: ${list.join(", ")}` : "");
  return [
    `This deletes stack ${place.name} for good (${place.paths.root}):`,
    `  ${count(databases.length, "database")}${names(databases)}`,
    `  ${count(repositories.length, "Git repository", "Git repositories")}${names(shortened(repositories))}`,
    `  ${count(buckets.length, "bucket")}${names(buckets)}`,
    `  ${bytes(total)} of data${names(data.map(({ name, bytes: size }) => `${name} ${bytes(size)}`))}`,
    "  its generated credentials, its logs and its configuration",
    `It keeps downloaded programs (${place.home.cache})${exists ? ` and your answers (${shownPath(file, io.cwd)})` : ""}.`,
    "DevFlow makes no backups of a local stack yet: what is deleted cannot be brought back.",
    `To keep a copy first: \`./devflow down\`, then copy ${place.paths.root} as a whole.`,
  ];
}

/** The first few by name. */
function shortened(names: string[]): string[] {
  return names.length > 5 ? [...names.slice(0, 5), `and ${names.length - 5} more`] : names;
}

async function agree(io: Io, { yes, confirm }: GlobalOptions & { confirm?: string }, name: string): Promise<void> {
  if (yes && confirm === name) return;
  if (!io.interactive) {
    throw new DevflowError("USAGE", `Deleting stack ${name} needs its name.`, {
      hint: `Run it in a terminal and type the name, or add: --yes --confirm ${name}`,
    });
  }
  if ((await question(io, `Type ${name} to delete it:`)).trim() === name) return;
  throw new DevflowError("ABORTED", "Nothing was deleted: that is not the stack's name.", {
    hint: "`./devflow destroy` asks again.",
  });
}
