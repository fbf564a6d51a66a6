import { DevflowError } from "../components/error.ts";
import type { Host } from "../components/provider/host.ts";
import { type HomePaths, homePaths, type StackPaths, stackPaths } from "../components/provider/paths.ts";
import { currentPlatform, type Platform } from "../components/provider/platform.ts";
import type { ProviderTable } from "../components/provider/provider.ts";
import { ConfigInvalid, resolveLeniently, type Settings, type Source } from "../stacks/config/index.ts";
import type { Found } from "./answers.ts";
import type { ArtifactCache } from "./artifacts/index.ts";
import type { StateStore } from "./engine/store.ts";
import { hostOf } from "./host.ts";
import { programConfig } from "./program-config.ts";
import type { StackEngine } from "./run/engine.ts";
import { type WorkloadEngine, workloadEngine } from "./run/units/place.ts";
import { loadAnswers, loadSettings } from "./settings.ts";

/** Where one stack lives; enough to look at it and to stop it, also when its settings are wrong. */
export interface Place {
  name: string;
  paths: StackPaths;
  home: HomePaths;
  platform: Platform;
  /** What runs its workloads; absent: the supervisor. */
  workloads?: WorkloadEngine;
}

/** A stack with its settings in force, as commands need it that speak to what runs. */
export interface ReadStack extends Place {
  settings: Settings;
  sources: Record<string, Source>;
  warnings: string[];
  /** The answers file in force, or where a new one would go. */
  found: Found;
  host: Host & { artifacts: ArtifactCache };
}

/** All that engine and providers need of this machine besides. */
export interface OpenStack extends ReadStack {
  /** Deployment state; nothing is read before it is asked. */
  store: StateStore;
  providers: ProviderTable;
  /** Configuration of the Pulumi program. */
  config: Record<string, string>;
  /** The Pulumi program. The SDK is loaded when it is run, since that is slow. */
  program(): Promise<Record<string, unknown>>;
  /** What carries the program out. */
  engine: StackEngine;
}

export interface StackOptions {
  stack?: string;
  answers?: string;
  set?: string[];
}

export interface World {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/**
 * Finds a stack's files by its name: `--stack`, else what the answers file and the environment say, else `local`.
 * A name that is not allowed is refused wherever it comes from: the default would be another stack.
 *
 * @throws ConfigInvalid for a wrong name, a wrong `stack` section and a wrong `--set`
 */
export async function locateStack(world: World, options: StackOptions): Promise<Place> {
  const settings = await lenientSettings(world, options);
  const { name } = settings.stack;
  const home = homePaths(world.env);
  return {
    ...{ name, home, paths: stackPaths(home.home, name), platform: currentPlatform() },
    ...optional(workloadEngine(settings)),
  };
}

/**
 * Nothing of engine and providers, which take a second to load.
 *
 * @throws ConfigInvalid naming every wrong setting; DependenciesMissing; DevflowError CONFIG_MISSING for a named file that is not there.
 */
export async function readStack(world: World, options: StackOptions): Promise<ReadStack> {
  const { settings, sources, warnings, found } = await loadSettings({ options, env: world.env, cwd: world.cwd });
  const host = await hostOf(settings, world.env);
  const { home, paths, platform } = host;
  return {
    ...{ name: settings.stack.name, paths, home, platform, settings, sources, warnings, found, host },
    ...optional(workloadEngine(settings)),
  };
}

/** @throws as `readStack` */
export async function openStack(world: World, options: StackOptions): Promise<OpenStack> {
  const [own, { providers }, { stackState }] = await Promise.all([
    readStack(world, options),
    import("../components/provider/index.ts"),
    import("./state.ts"),
  ]);
  const { paths, settings, found } = own;
  const { kind } = settings.stack;
  const stack = {
    ...own,
    store: stackState(paths, world.env),
    providers,
    config: programConfig(settings, paths, await lockedImages(kind, found.file)),
    program: async () => (await import("../stacks/index.ts")).default(),
  };
  if (kind === "local") return { ...stack, engine: (await import("./embedded.ts")).embeddedEngine(stack) };
  const [{ requireSdk }, { pulumiEngine }] = await Promise.all([
    import("./pulumi/sdk.ts"),
    import("./pulumi/engine.ts"),
  ]);
  requireSdk(kind);
  return { ...stack, engine: pulumiEngine(stack, world.env) };
}

/** Another setting of the file may be wrong; its stack can be looked at all the same. */
async function lenientSettings(world: World, options: StackOptions): Promise<Settings> {
  // A stack that is named needs no answers; whether there are any is no matter then.
  const { answers } = await loadAnswers({ options, ...world }).catch((error: unknown) => {
    if (options.stack !== undefined && error instanceof DevflowError) return { answers: undefined };
    throw error;
  });
  const flags = { "stack.name": options.stack };
  const { settings, problems } = resolveLeniently({ answers, flags, set: options.set ?? [], ...world });
  // With `--stack` the file's own name is not used. What was typed for this command is never ignored.
  const overruled = options.stack !== undefined && answers?.file;
  const decisive = problems.filter(
    ({ path, file }) => file.startsWith("--set ") || (namesStack(path) && file !== overruled),
  );
  // Whoever has to mend the file is told all of it at once.
  if (decisive.length > 0) throw new ConfigInvalid(problems.filter(({ file }) => file !== overruled));
  return settings;
}

/** Whether a problem with this setting may mean that another stack was meant. */
function namesStack(path: string): boolean {
  return path === "" || path === "stack" || path.startsWith("stack.");
}

function optional(workloads: WorkloadEngine | undefined): Pick<Place, "workloads"> {
  return workloads ? { workloads } : {};
}

async function lockedImages(kind: Settings["stack"]["kind"], answers: string) {
  if (kind === "local") return undefined;
  const { readLock } = await import("./images/lock.ts");
  return (await readLock(answers))?.lock.images;
}
