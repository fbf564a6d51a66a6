import { DevflowError } from "../../components/error.ts";
import { findAnswers, keepSettings, shownPath } from "../answers.ts";
import { keepOwnAnswers } from "../own-answers.ts";
import { peopleOf } from "../people-of.ts";
import { addressesOf } from "../run/addresses.ts";
import { errorOf } from "../run/outcome.ts";
import { nothingToDo, type Plan, planLines } from "../run/plan.ts";
import { planStack, reviveSupervisor } from "../run/prepare.ts";
import { everythingReady } from "../run/recover.ts";
import { createRun, lastRunEnded, liveRun, type RunFolder, readRequest } from "../run/run.ts";
import { type Prepared, settleChecks } from "../run/settle.ts";
import { startRunner } from "../run/start.ts";
import { watchRun } from "../run/watch.ts";
import { type UpResult, upResult, welcome } from "../run/welcome.ts";
import { locateStack, type OpenStack, openStack, type StackOptions } from "../stack.ts";
import { confirm } from "../terminal/confirm.ts";
import { pad, width } from "../terminal/fit.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { symbols } from "../terminal/symbols.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";
import { devflowVersion } from "./version.ts";

export const up: Command<{ wait?: boolean }> = {
  name: "up",
  summary: "Bring the platform up: check, plan, ask, do, and say where it is",
  examples: [
    { command: "./devflow up", does: "first time: asks, plans, builds; later: resumes or applies what changed" },
    { command: "./devflow up --yes --wait", does: "for scripts: ask nothing, return when everything serves" },
    { command: "./devflow up --set components.code=false", does: "the same with one answer changed" },
  ],
  options: [{ flags: "--wait", description: "wait also for components whose program takes long to prepare" }],
  async run({ options, io }): Promise<UpResult> {
    const place = await locateStack(io, options);
    const running = await liveRun(place.paths);
    if (running) return join(io, running, options.wait === true);
    await ensureAnswers(io, options);
    const prepared = await prepare(io, options);
    const { stack, plan } = prepared;
    // A run that did not come to its end is carried on, though nothing but its record may be left to complete.
    if (nothingToDo(plan) && (await lastRunEnded(stack.paths))) {
      const now = await during(io, "Waiting until everything serves", everythingReady(stack, io.signal));
      if (stack.found.exists) await keepOwnAnswers(stack.paths, stack.found.file);
      const result = upResult(stack.name, now.components, addressesOf(plan.steps));
      return welcome(io, result, false, await firstSignIn(stack));
    }
    const checked = await settleChecks(io, prepared, options.yes === true);
    await agree(io, checked, options.yes === true);
    const keep = () => keepSettled(checked);
    // What was tried by `--set` alone may fail, and then the answers are as they were.
    const trial = (options.set ?? []).length > 0;
    if (!trial) await keep();
    const result = await carryOut(io, checked, options.wait === true);
    if (trial) await keep();
    return result;
  },
};

/** Settings that the machine demanded belong to the stack from now on, and the file they are in. */
async function keepSettled({ stack, settled }: Prepared): Promise<void> {
  const file = await keepSettings(stack, settled);
  if (stack.found.exists) await keepOwnAnswers(stack.paths, file);
}

/** On the first run the questions are asked, or the defaults written with `--yes`. */
async function ensureAnswers(io: Io, options: GlobalOptions): Promise<void> {
  const found = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd, of: options });
  if (found.from === "stack" && !found.exists) {
    throw new DevflowError("CONFIG_MISSING", `The stack is there, and its answers file ${found.file} is not.`, {
      hint: "Put it back, name another with --answers, or write a new one here with `./devflow init`.",
    });
  }
  if (found.exists || found.from !== "current folder") return;
  if (!io.interactive && !options.yes) {
    throw new DevflowError("CONFIG_MISSING", "There is no devflow.yaml here, and nobody to ask.", {
      hint: "Run it in a terminal to answer the questions, or add --yes to take the defaults.",
    });
  }
  const { writeInitialAnswers } = await import("./init.ts");
  await writeInitialAnswers({ options, io });
}

async function prepare(io: Io, options: StackOptions): Promise<Omit<Prepared, "checks" | "settled">> {
  const stack = await openStack(io, options);
  if (!io.json) io.err(`${header(io, stack)}\n\n`);
  for (const warning of stack.warnings) io.err(`${paint(io, "yellow", symbols(io).warning)} ${warning}\n`);
  await reviveSupervisor(stack.paths);
  const plan = await (stack.settings.stack.kind === "local" ? planned(io, stack) : plannedByPulumi(io, stack));
  const { answers, set, stack: name } = options;
  const request = { ...(answers && { answers }), ...(set && { set }), ...(name && { stack: name }) };
  return { stack, plan, options: request };
}

function planned(io: Io, stack: OpenStack): Promise<Plan> {
  return during(io, "Planning", planStack(stack, io.signal));
}

/** Shows what a stack of containers or of a cloud will consist of and cost. One that breaks a promise is not made. */
async function plannedByPulumi(io: Io, stack: OpenStack): Promise<Plan> {
  const [{ planDeclared }, { blueprintLines }, { settled }, { refuseViolations }] = await Promise.all([
    import("../declared/plan.ts"),
    import("../declared/lines.ts"),
    import("../declared/change.ts"),
    import("../declared/violations.ts"),
  ]);
  const concluded = await during(io, "Planning", planDeclared(stack));
  const show = (blueprint: typeof concluded) => io.json || io.err(`${blueprintLines(io, blueprint).join("\n")}\n`);
  if (concluded.violations.length > 0) show(concluded);
  refuseViolations(concluded);
  const plan = await planned(io, stack);
  const operations = new Map(plan.steps.map(({ urn, operation }) => [urn, operation]));
  show({ ...concluded, basis: "engine", rows: settled(concluded.rows, operations) });
  return plan;
}

async function agree(io: Io, { plan }: Prepared, yes: boolean): Promise<void> {
  if (!io.json) io.err(`${planLines(io, plan, process.availableMemory()).join("\n")}\n`);
  if (yes || nothingToDo(plan)) return;
  if (!io.interactive) {
    throw new DevflowError("USAGE", "`up` asks before it changes anything, and nobody can be asked here.", {
      hint: "Add --yes to agree to the plan above; `./devflow preview` shows it without doing it.",
    });
  }
  if (await confirm(io, "Go ahead?")) return;
  throw new DevflowError("ABORTED", "Nothing was changed.", { hint: "`./devflow up` asks again." });
}

async function carryOut(io: Io, { stack, plan, options }: Prepared, wait: boolean): Promise<UpResult> {
  io.signal.throwIfAborted();
  const run = await createRun(stack.paths, {
    version: devflowVersion(),
    mode: "up",
    options: { ...options, stack: stack.name },
    cwd: io.cwd,
    steps: plan.steps,
  });
  await startRunner(run, io.env);
  return show(io, run, wait);
}

/** A second `up` shows the run that is under way: there are never two. */
async function join(io: Io, run: RunFolder, wait: boolean): Promise<UpResult> {
  if (!io.json) io.err("A run is under way; joining it.\n");
  return show(io, run, wait);
}

async function show(io: Io, run: RunFolder, wait: boolean): Promise<UpResult> {
  const request = await readRequest(run);
  const steps = request?.steps ?? [];
  if (!io.json) io.err("\n");
  const watched = await watchRun(io, run, steps, wait);
  const { outcome, components, goesOn } = watched;
  if (outcome?.error?.code === "LOCKED") {
    // Another `up` was quicker by a moment.
    const other = request && (await liveRun(await placeOf(io, request.options)));
    if (other && other.id !== run.id) return join(io, other, wait);
  }
  const result = upResult(request?.options.stack ?? "", components, addressesOf(steps), goesOn);
  const error = errorOf(run, watched);
  if (error) throw error;
  const platform = components.find(({ name }) => name === "platform");
  const served = platform?.state === "ready" && request;
  return welcome(io, result, true, served ? await firstSignIn(await openStack(io, request.options)) : undefined);
}

/** Where the first administrator begins. That it cannot be made is no reason for `up` to fail: `users` makes one too. */
async function firstSignIn(stack: OpenStack): Promise<string | undefined> {
  const { welcomeLink } = await import("../identity.ts");
  return welcomeLink(peopleOf(stack)).catch(() => undefined);
}

async function placeOf(io: Io, options: StackOptions) {
  return (await locateStack(io, options)).paths;
}

function header(io: Io, { name, settings, found }: Awaited<ReturnType<typeof openStack>>): string {
  const { separator } = symbols(io);
  const words = [
    `DevFlow ${devflowVersion()}`,
    name === settings.stack.kind ? name : `${name} (${settings.stack.kind})`,
    settings.profile,
  ];
  const left = words.join(` ${separator} `);
  const right = `answers: ${shownPath(found.file, io.cwd)}`;
  const room = Math.min(io.columns, 96) - width(right);
  return `${paint(io, "bold", room > width(left) + 2 ? pad(left, room) : `${left}   `)}${paint(io, "dim", right)}`;
}
