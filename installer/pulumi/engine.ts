import type * as automation from "@pulumi/pulumi/automation/index.js";
import { DevflowError, type ErrorCode, errorCodes } from "../../components/error.ts";
import type { EngineEvent, RunResult } from "../engine/events.ts";
import { urnName } from "../engine/urn.ts";
import type { Properties } from "../engine/values.ts";
import type { EngineRun, StackEngine } from "../run/engine.ts";
import type { OpenStack } from "../stack.ts";
import { pulumiCli } from "./cli.ts";
import type { StateResource } from "./holders.ts";
import { writeProject } from "./project.ts";
import { requireSdk } from "./sdk.ts";
import { translate } from "./translate.ts";

/** Pulumi's own engine, driven by its Automation API, for stacks of containers and clouds. */
export function pulumiEngine(
  stack: Omit<OpenStack, "engine">,
  env: NodeJS.ProcessEnv,
): StackEngine & { resources(): Promise<StateResource[]> } {
  return { run, inputs, resources };

  async function run(options: EngineRun): Promise<RunResult> {
    requireSdk(stack.settings.stack.kind);
    const preview = options.mode === "preview";
    const translation = translate(preview, options.onEvent);
    const workspace = await open(options.onEvent);
    const thrown = await carryOut(workspace, options, translation.take);
    const failed = translation.failed();
    if (thrown && failed.length === 0 && !options.signal.aborted) failed.push({ urn: "", error: explained(thrown) });
    const outputs = preview || options.mode === "destroy" || failed.length > 0 ? {} : await workspace.outputs();
    const interrupted = options.signal.aborted;
    const changes = translation.changes();
    const at = new Date().toISOString();
    options.onEvent({ kind: "finished", at, changes, failed: failed.length, interrupted });
    return {
      ...{ steps: translation.steps(), failed: failed.map(actionable), changes, interrupted },
      outputs: mapOutputs(outputs, ({ value, secret }) => (secret ? "[secret]" : value)),
      revealOutputs: () => mapOutputs(outputs, ({ value }) => value),
    };
  }

  async function inputs(): Promise<Map<string, Properties>> {
    return new Map((await resources()).map(({ urn, inputs: its = {} }) => [urn, its]));
  }

  /** All that the state has, providers and the stack itself too. */
  async function resources(): Promise<StateResource[]> {
    const { deployment } = await (await open(() => {})).exportStack();
    return (deployment?.resources as StateResource[] | undefined) ?? [];
  }

  async function open(onEvent: (event: EngineEvent) => void): Promise<automation.Stack> {
    const tell = (message: string) =>
      onEvent({ kind: "diagnostic", at: new Date().toISOString(), severity: "info", message });
    const pulumiCommand = await pulumiCli(stack.home.cache, tell);
    const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
    const { backend, secretsProvider } = stack.settings.engine;
    const project = await writeProject(stack.paths, stack.host.root, backend === undefined ? {} : { backend });
    const known = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]));
    const workspace = await LocalWorkspace.createOrSelectStack(
      { stackName: stack.name, workDir: project.folder },
      {
        pulumiCommand,
        envVars: { ...known, ...nodeFirst(stack.host.root, env), ...project.env },
        ...(secretsProvider && { secretsProvider }),
      },
    );
    const config = Object.entries(stack.config).map(([name, value]) => [name, { value }]);
    await workspace.setAllConfig(Object.fromEntries(config));
    return workspace;
  }
}

/** Runs the CLI to its end and gives what it threw, since most of that has been told by events already. */
async function carryOut(
  workspace: automation.Stack,
  { mode, signal }: EngineRun,
  onEvent: (event: automation.EngineEvent) => void,
): Promise<unknown> {
  const options = { onEvent, signal, color: "never" } as const;
  try {
    if (mode === "preview") await workspace.preview({ ...options, refresh: true });
    else if (mode === "up") await workspace.up({ ...options, refresh: true });
    else if (mode === "destroy") await workspace.destroy(options);
    else await workspace.refresh(options);
    return undefined;
  } catch (error) {
    return error ?? new Error("Pulumi failed");
  }
}

/** The language host takes `node` from PATH; the program needs the locked one. */
function nodeFirst(checkout: string, env: NodeJS.ProcessEnv): { PATH: string } {
  const own = process.execPath.startsWith(checkout) ? process.execPath.replace(/\/node$/, "") : "";
  return { PATH: [own, env.PATH].filter(Boolean).join(":") };
}

function explained(thrown: unknown): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (/currently locked|ConcurrentUpdate|another update/i.test(message)) {
    return new DevflowError("LOCKED", "Another update of this stack is under way, or one was killed in the middle.", {
      hint: "Wait for it. If nobody is at work on the stack: `./devflow doctor` says who held it, and `./devflow doctor --fix` lets go of it.",
      cause: thrown,
    });
  }
  return new DevflowError("COMPONENT_FAILED", lastLines(message), {
    hint: "Remove the cause and run the same command again: it goes on from here.",
    cause: thrown,
  });
}

function actionable({ urn, error }: { urn: string; error: Error }): { urn: string; error: Error } {
  if (error instanceof DevflowError) return { urn, error };
  const own = ofProgram(error.message) ?? unhealthy(urn, error);
  if (own) return { urn, error: own };
  const hint = "Remove the cause and run the same command again: it goes on from here.";
  return { urn, error: new DevflowError("COMPONENT_FAILED", error.message, { hint, cause: error }) };
}

/** The provider of Docker says this of a container that ends again and again, and of one that never answers well. */
function unhealthy(urn: string, cause: Error): DevflowError | undefined {
  if (!/container failed to be in healthy state|container exited immediately/.test(cause.message)) return undefined;
  const name = urnName(urn);
  return new DevflowError("COMPONENT_FAILED", `The container of ${name} did not become healthy.`, {
    hint: `See why: \`./devflow logs ${name}\`. Its data is untouched: correct the cause, or name the former image, and run \`./devflow up\` again.`,
    cause,
  });
}

/** A DevflowError of the program or of the plugin, which Pulumi gives as text. */
function ofProgram(text: string): DevflowError | undefined {
  const message = /^\s*DevflowError: (.+?)$/m.exec(text)?.[1];
  const code = /^\s*code: '(\w+)'/m.exec(text)?.[1];
  const hint = /^\s*hint: ["'`](.*)["'`],?$/m.exec(text)?.[1];
  if (message === undefined || code === undefined || !(code in errorCodes)) return undefined;
  return new DevflowError(code as ErrorCode, message, { hint: hint ?? "" });
}

function lastLines(message: string): string {
  const lines = message.split("\n").filter((line) => line.trim() && !/^(code|stdout|stderr):? *\d*$/.test(line.trim()));
  return lines.slice(-12).join("\n");
}

function mapOutputs(outputs: automation.OutputMap, to: (output: automation.OutputValue) => unknown) {
  return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, to(output)]));
}
