import { DevflowError } from "../../../components/error.ts";
import type { Io } from "../../commands/command.ts";
import { locateStack } from "../../stack.ts";
import { paint } from "../../terminal/paint.ts";
import { symbols } from "../../terminal/symbols.ts";
import { envFileStore } from "../env-file.ts";
import { applyStack, isSettled, portsOf } from "../rotation/apply.ts";
import { recipeOf } from "../rotation/recipe.ts";
import { finish, type Rotated, type Rotation, rotate, unfinished } from "../rotation/rotate.ts";
import { readValue } from "../value.ts";
import { agree, type Input, type Options } from "./input.ts";
import { setOrRotate } from "./set.ts";

/** `devflow secrets rotate`: generated secrets one after the other, or a new value for one that people set. */
export async function rotateSecrets({ options, args, io }: Input): Promise<unknown> {
  const [first] = args;
  if (first !== undefined && !first.includes("/")) {
    const value = await readValue(io, { name: first, file: options.file });
    const told = await setOrRotate(io, options, first, value, "rotate");
    if (!io.json) io.err(`${paint(io, "green", symbols(io).done)} ${first} has a new value.\n`);
    return told;
  }
  const place = await locateStack(io, options);
  const store = envFileStore(place.paths.secrets);
  const rotation: Rotation = {
    store,
    ports: await portsOf(io, options),
    apply: () => applyStack(io, options),
    report: (step) => io.json || io.err(`${paint(io, "dim", step)}\n`),
  };
  const done: Rotated[] = [];
  // What was begun before comes first: its former value is still valid.
  for (const name of await unfinished(store)) {
    if ((await unfinished(store)).includes(name)) done.push(await finish(rotation, name));
  }
  const wanted = options.all ? await rotatable(store) : args;
  if (wanted.length === 0) return end(io, done);
  await demandSettled(io, options);
  explain(io, wanted);
  await agree(io, options, "Rotate?");
  const rotated = new Set<string>();
  for (const name of wanted) {
    if (rotated.has(name)) continue;
    const one = await rotate(rotation, name);
    for (const secret of one.secrets) rotated.add(secret);
    done.push(one);
    if (!io.json) io.err(`${paint(io, "green", symbols(io).done)} ${one.secrets.join(" and ")} rotated\n`);
  }
  return end(io, done);
}

function end(io: Io, rotated: Rotated[]): { rotated: Rotated[] } {
  if (!io.json && rotated.length === 0) io.err("No rotation was under way. Name a secret to rotate it.\n");
  return { rotated };
}

/** A rotation must not carry anything else that was changed meanwhile. */
async function demandSettled(io: Io, options: Options): Promise<void> {
  if (await isSettled(io, options)) return;
  throw new DevflowError(
    "USAGE",
    "The stack is not as its settings say, so a rotation would change more than secrets.",
    {
      hint: "`./devflow up` first; `./devflow preview` shows what it will do.",
      docs: "secrets",
    },
  );
}

function explain(io: Io, names: string[]): void {
  if (io.json) return;
  for (const name of names) {
    const recipe = recipeOf(name);
    if (recipe && !("refused" in recipe)) io.err(`${name}: ${recipe.how} Interruption: ${recipe.interruption}.\n`);
  }
}

async function rotatable(store: Rotation["store"]): Promise<string[]> {
  return (await store.list()).filter((name) => {
    const recipe = recipeOf(name);
    return recipe !== undefined && !("refused" in recipe);
  });
}
