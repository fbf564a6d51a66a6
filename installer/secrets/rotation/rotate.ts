import pg from "pg";
import { DevflowError } from "../../../components/error.ts";
import { formerName, randomSecret } from "../../../components/provider/generated-secret.ts";
import type { EnvFileStore } from "../env-file.ts";
import { type CheckContext, checks, connection, logsIn } from "./checks.ts";
import { type Recipe, recipeOf } from "./recipe.ts";

export interface Rotation {
  store: EnvFileStore;
  ports: CheckContext["ports"];
  /** Brings the stack to what the store says, with everything ready again. @throws when it does not get there */
  apply(): Promise<void>;
  /** Told of each step, in words for people. */
  report(step: string): void;
}

export interface Rotated {
  secrets: string[];
  how: string;
  restarted: string[];
  interruption: string;
}

/**
 * Rotates a generated secret, with those that belong to it: the new value is kept beside the former one, the stack
 * takes it up while both are valid, it is tried, and then the former one ends. What fails is taken back in the same way,
 * so that at no time a process holds a value that is not valid. Interrupted, it is finished by `finish`.
 *
 * @throws DevflowError NOT_FOUND, UNSUPPORTED with the reason, or COMPONENT_FAILED when it was taken back
 */
export async function rotate(rotation: Rotation, name: string): Promise<Rotated> {
  const recipe = await demandRecipe(rotation, name);
  const changes: Record<string, string> = {};
  for (const secret of recipe.secrets) {
    const value = await rotation.store.get(secret);
    if (value === undefined) continue;
    changes[formerName(secret)] = value;
    changes[secret] = randomSecret(recipe.shape?.[secret] ?? { length: 43, alphabet: "base64url" });
  }
  await rotation.store.change(changes);
  return finish(rotation, name);
}

/** Names whose rotation was begun and not ended. */
export async function unfinished(store: Pick<EnvFileStore, "describe">): Promise<string[]> {
  return (await store.describe()).filter(({ overlap }) => overlap).map(({ name }) => name);
}

/** Ends a rotation that was begun: forwards, or when that fails back. */
export async function finish(rotation: Rotation, name: string): Promise<Rotated> {
  const recipe = await demandRecipe(rotation, name);
  try {
    await takeUp(rotation, recipe);
  } catch (error) {
    await takeBack(rotation, recipe, error);
  }
  const former = await pairs(rotation, recipe);
  await retire(rotation, recipe);
  rotation.report("Trying that the former one is refused");
  await check(rotation, recipe, former);
  return {
    secrets: recipe.secrets,
    how: recipe.how,
    restarted: recipe.restarts,
    interruption: recipe.interruption,
  };
}

async function takeUp(rotation: Rotation, recipe: Recipe): Promise<void> {
  rotation.report("Letting the former and the new one be valid together");
  await setSuperuser(rotation, recipe);
  await rotation.apply();
  rotation.report("Trying the new one");
  await check(rotation, recipe, []);
}

/** The former value becomes the new one, and takes the same way: whoever has moved already moves back. */
async function takeBack(rotation: Rotation, recipe: Recipe, cause: unknown): Promise<never> {
  const why = cause instanceof Error ? cause.message : String(cause);
  rotation.report(`It failed (${why}); taking it back`);
  const swapped: Record<string, string> = {};
  for (const { secret, value, former } of await pairs(rotation, recipe)) {
    swapped[secret] = former;
    swapped[formerName(secret)] = value;
  }
  await rotation.store.change(swapped);
  try {
    await takeUp(rotation, recipe);
    await retire(rotation, recipe);
  } catch (error) {
    throw new DevflowError(
      "COMPONENT_FAILED",
      `${recipe.secrets.join(" and ")} could not be rotated (${why}), and not be taken back either (${(error as Error).message}). Both values are still kept.`,
      {
        hint: "`./devflow doctor` names the cause; then `./devflow secrets rotate` finishes it.",
        docs: "secrets",
        cause: error,
      },
    );
  }
  throw new DevflowError("COMPONENT_FAILED", `${recipe.secrets.join(" and ")} could not be rotated: ${why}.`, {
    hint: "It was taken back: everything runs with the former value. `./devflow status` says how the stack is.",
    docs: "secrets",
    cause,
  });
}

async function retire(rotation: Rotation, recipe: Recipe): Promise<void> {
  rotation.report("Ending the former one");
  await rotation.store.change(Object.fromEntries(recipe.secrets.map((secret) => [formerName(secret), undefined])));
  await rotation.apply();
}

async function check(rotation: Rotation, recipe: Recipe, ended: { secret: string; former: string }[]): Promise<void> {
  const { store, ports } = rotation;
  for (const name of recipe.secrets) {
    const value = await store.get(name);
    if (value === undefined) continue;
    const refused = ended.find(({ secret }) => secret === name)?.former;
    await checks[recipe.check]({ store, ports, name, value, refused });
  }
}

async function pairs({ store }: Rotation, recipe: Recipe) {
  const found = await Promise.all(
    recipe.secrets.map(async (secret) => ({
      secret,
      value: await store.get(secret),
      former: await store.get(formerName(secret)),
    })),
  );
  return found.flatMap(({ secret, value, former }) => (value && former ? [{ secret, value, former }] : []));
}

/** The server is told by whichever of the two it still knows, so it may come again after a crash at any point. */
async function setSuperuser({ store, ports }: Rotation, recipe: Recipe): Promise<void> {
  const name = "postgres/superuser";
  if (!recipe.secrets.includes(name)) return;
  const [value = "", former = ""] = [await store.get(name), await store.get(formerName(name))];
  if (await logsIn(ports.postgres, "postgres", "postgres", value)) return;
  const client = connection(ports.postgres, "postgres", "postgres", former);
  await client.connect();
  try {
    // The statement carries the password, so it must reach no log.
    await client.query("begin; set local log_statement = 'none'; set local log_min_error_statement = 'panic'");
    await client.query(`alter role postgres password ${pg.escapeLiteral(value)}`);
    await client.query("commit");
  } finally {
    await client.end();
  }
}

async function demandRecipe({ store }: Rotation, name: string): Promise<Recipe> {
  const recipe = recipeOf(name);
  if (!recipe || (await store.get(name)) === undefined) {
    throw new DevflowError("NOT_FOUND", `There is no generated secret "${name}".`, {
      hint: "`./devflow secrets list` names them.",
      docs: "secrets",
    });
  }
  if ("refused" in recipe) {
    throw new DevflowError("UNSUPPORTED", `${name} cannot be rotated without loss. ${recipe.refused}`, {
      hint: recipe.instead,
      docs: "secrets",
    });
  }
  return recipe;
}
