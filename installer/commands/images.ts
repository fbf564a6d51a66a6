import { DevflowError, errorCodes } from "../../components/error.ts";
import { mirrored } from "../../components/primitives/image.ts";
import { type ImagesLock, lockFileOf, readLock, writeLock } from "../images/lock.ts";
import { type Answer, lookUp } from "../images/look-up.ts";
import { copyImage, RegistryError } from "../images/mirror.ts";
import { type UsedImage, usedImages } from "../images/used.ts";
import { loadSettings } from "../settings.ts";
import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { during } from "../terminal/spinner.ts";
import { symbols } from "../terminal/symbols.ts";
import { table } from "../terminal/table.ts";
import { type Command, exitWith, type GlobalOptions, type Io } from "./command.ts";

interface Input {
  options: GlobalOptions & { to?: string };
  io: Io;
}

export const images: Command = {
  name: "images",
  summary: "List, lock, mirror and verify the container images of a stack",
  examples: [
    { command: "./devflow images list", does: "every image by tag and digest, with the registries that have it" },
    { command: "./devflow images lock", does: "ask the registries for the digests and write images.lock.json" },
    { command: "./devflow images mirror --to registry.example.com/devflow", does: "copy all of them to your registry" },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Print the images of the stack, with fallback registries and what is locked",
      examples: [{ command: "./devflow images list --set stack.kind=onprem", does: "of another kind of stack" }],
      run: list,
    },
    {
      name: "lock",
      summary: "Ask the registries for every image's digest and write images.lock.json beside the answers file",
      examples: [{ command: "./devflow images lock", does: "needs a way to at least one registry of each image" }],
      run: lock,
    },
    {
      name: "mirror",
      summary: "Copy every image, by its locked digest, to a registry of your own",
      options: [
        { flags: "--to <registry>", description: "address and path of the registry; default: images.registry" },
      ],
      examples: [
        { command: "./devflow images mirror --to localhost:5000/devflow", does: "what is there is not copied again" },
      ],
      run: mirror,
    },
    {
      name: "verify",
      summary: "Compare what registries have now with the lock",
      examples: [
        { command: "./devflow images verify --json", does: "for a nightly job: exit code 7 when something moved" },
      ],
      run: verify,
    },
  ],
};

async function open({ options, io }: Input) {
  const { settings, found } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  const [used, locked] = await Promise.all([usedImages(settings), readLock(found.file)]);
  return { settings, found, used, locked };
}

async function list(input: Input) {
  const { io } = input;
  const { settings, used, locked } = await open(input);
  const rows = used.map((image) => ({
    ...image,
    digest: digestOf(image, locked?.lock) ?? null,
    size: image.size ?? null,
  }));
  const built = settings.images.glue === undefined;
  if (!io.json) {
    const lines = table(onStdout(io), rows, [
      { title: "IMAGE", value: ({ name }) => name },
      { title: "DIGEST", value: ({ digest }) => digest ?? "not locked" },
      { title: "ALSO AT", value: ({ registries }) => registries.slice(1).join(" ") || "nowhere" },
      { title: "OF", value: ({ programs }) => programs.join(" ") },
    ]);
    io.out(`${lines.join("\n")}\n`);
    if (built) io.err("The glue services' image is built from this checkout; images.glue names a built one.\n");
    if (!locked) io.err(`${noLock}\n`);
  }
  return { lock: locked?.file ?? null, glue: built ? "built" : "named", images: rows };
}

async function lock(input: Input) {
  const { io } = input;
  const { found, used } = await open(input);
  const answers = await during(io, `Asking for ${used.length} images`, lookUp(used, io.env));
  const lost = used.filter(({ name }) => !answers.get(name)?.some(({ digest }) => digest));
  if (lost.length > 0) throw unlockable(lost, answers);
  const entries = used.map(({ name }) => [name, lockedFrom(answers.get(name) ?? [])] as const);
  const made: ImagesLock = { version: 1, made: new Date().toISOString(), images: Object.fromEntries(entries) };
  const file = lockFileOf(found.file);
  await writeLock(file, made);
  const differing = used.flatMap(({ name }) => differences(name, answers.get(name) ?? []));
  if (!io.json) {
    for (const line of differing) io.err(`${symbols(io).warning} ${line}\n`);
    io.err(`Locked ${used.length} images in ${file}.\n`);
  }
  return { file, ...made, differing };
}

async function verify(input: Input) {
  const { io } = input;
  const { used, locked } = await open(input);
  if (!locked)
    throw new DevflowError("NOT_FOUND", noLock, { hint: "Make one where there is a network: `./devflow images lock`" });
  const answers = await during(io, `Asking for ${used.length} images`, lookUp(used, io.env));
  const checks = used.flatMap((image) =>
    (answers.get(image.name) ?? []).map(({ registry, digest, problem }) => {
      const wanted = digestOf(image, locked.lock);
      const state =
        wanted === undefined ? "not locked" : digest === undefined ? "missing" : digest === wanted ? "same" : "moved";
      return { image: image.name, registry, state, ...(problem && { problem }), ...(digest && { digest }) };
    }),
  );
  // One registry that has it is enough to go on; a moved tag or none at all is not.
  const bad = used.filter(({ name }) => {
    const its = checks.filter(({ image }) => image === name);
    return (
      its.some(({ state }) => state === "moved" || state === "not locked") || !its.some(({ state }) => state === "same")
    );
  });
  if (!io.json) {
    const lines = table(onStdout(io), checks, [
      { title: "STATE", value: ({ state }) => state },
      { title: "REGISTRY", value: ({ registry }) => registry },
      { title: "IMAGE", value: ({ image }) => image },
      { title: "WHY", value: ({ problem }) => problem ?? "" },
    ]);
    io.out(`${lines.join("\n")}\n`);
    io.err(`${used.length - bad.length} of ${used.length} images are as locked in ${locked.file}.\n`);
  }
  return exitWith(bad.length === 0 ? 0 : errorCodes.ARTIFACT_UNAVAILABLE.exit, {
    ok: bad.length === 0,
    lock: locked.file,
    checks,
  });
}

async function mirror(input: Input) {
  const { io, options } = input;
  const { settings, used, locked } = await open(input);
  const to = options.to ?? settings.images.registry;
  if (!to)
    throw new DevflowError("USAGE", "No registry was named to copy to.", {
      hint: "Add --to registry.example.com/devflow, or set images.registry.",
    });
  if (!locked) throw new DevflowError("NOT_FOUND", noLock, { hint: "First: `./devflow images lock`" });
  const copied: { image: string; to: string; from: string; digest: string; bytes: number }[] = [];
  for (const image of used) {
    const digest = digestOf(image, locked.lock);
    if (!digest)
      throw new DevflowError("NOT_FOUND", `${image.name} is not in ${locked.file}.`, {
        hint: "Make the lock anew: `./devflow images lock`",
      });
    const target = `${mirrored(to, image.registries[0] ?? "")}:${image.tag}`;
    if (!io.json) io.err(`${image.name} ${symbols(io).arrow} ${target}\n`);
    copied.push({ image: image.name, to: target, ...(await copyFromAny(image, digest, target, io.env)) });
  }
  say(io, `${copied.length} images are in ${to}. Use them: \`./devflow config set images.registry=${to}\``);
  return { registry: to, images: copied };
}

/** From the first of its registries that gives it. */
async function copyFromAny(image: UsedImage, digest: string, target: string, env: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  for (const name of image.registries) {
    try {
      return { from: name, ...(await copyImage({ name, reference: digest }, target, env)) };
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      problems.push(error.message);
    }
  }
  throw new DevflowError("ARTIFACT_UNAVAILABLE", `${image.name} could not be copied: ${problems.join("; ")}.`, {
    hint: "Run it again: what was copied is not copied once more. For a registry that wants a password: docker login.",
    docs: "onprem",
  });
}

const noLock = "There is no lock of images: tags alone name them, and what a tag means can change.";

function digestOf(image: UsedImage, lock: ImagesLock | undefined): string | undefined {
  return lock?.images[image.name]?.digest ?? image.digest;
}

/** The first registry's word counts; the others that say the same stand in when it is gone. */
function lockedFrom(answers: Answer[]): ImagesLock["images"][string] {
  const first = answers.find(({ digest }) => digest !== undefined);
  const { digest = "", registry = "" } = first ?? {};
  const also = answers
    .filter((answer) => answer !== first && answer.digest === digest)
    .map((answer) => answer.registry);
  return { digest, registry, also };
}

function differences(name: string, answers: Answer[]): string[] {
  const [first, ...others] = answers.filter(({ digest }) => digest !== undefined);
  return others
    .filter(({ digest }) => digest !== first?.digest)
    .map(({ registry }) => `${registry} has another image than ${first?.registry} under the tag of ${name}`);
}

function unlockable(lost: UsedImage[], answers: Map<string, Answer[]>): DevflowError {
  const lines = lost.map(
    ({ name }) => `  ${name}: ${(answers.get(name) ?? []).map(({ problem }) => problem).join("; ")}`,
  );
  return new DevflowError(
    "ARTIFACT_UNAVAILABLE",
    `No registry gave the digest of ${lost.length} images:\n${lines.join("\n")}`,
    {
      hint: "Run it where the registries can be reached (HTTPS_PROXY and NODE_EXTRA_CA_CERTS are honoured). Nothing was written.",
      docs: "onprem",
    },
  );
}
