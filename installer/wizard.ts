import { styleText } from "node:util";
import { DevflowError } from "../components/error.ts";
import { type Answers, type Settings, schemaAt } from "../stacks/config/index.ts";
import {
  answered,
  answersOf,
  type Draft,
  newDraft,
  problemOf,
  providerQuestions,
  type Question,
  questions,
  usualKey,
  valueAt,
} from "./questions.ts";
import { wrap } from "./terminal/fit.ts";

export interface WizardOptions {
  /** The terminal. */
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  env: NodeJS.ProcessEnv;
  /** Answers there are already, by path; they are proposed again. */
  given: Record<string, unknown>;
  /** Memory that is free, in MiB. */
  free: number;
  color: boolean;
  /** Text of the file that would be written. */
  render(answers: Answers): string;
  /** Name of that file, as it is shown. */
  file: string;
  signal?: AbortSignal;
}

/**
 * Asks every question, shows the file and asks whether to write it. It writes nothing itself.
 * @returns what to write
 * @throws DevflowError INTERRUPTED on Ctrl-C or a closed terminal, ABORTED when the person quits
 */
export async function runWizard(options: WizardOptions): Promise<Answers> {
  const stop = new AbortController();
  const leave = () => stop.abort();
  // Inquirer waits for ever when its input ends or Ctrl-D closes it.
  const keypress = (_: string, key: { ctrl?: boolean; name?: string } | undefined) => {
    if (key?.ctrl && key.name === "d") leave();
  };
  options.input.on("end", leave).on("close", leave).on("keypress", keypress);
  options.signal?.addEventListener("abort", leave);
  if (options.signal?.aborted) leave();
  try {
    const { createPromptModule } = await import("inquirer");
    const module = createPromptModule({ input: options.input, output: options.output, signal: stop.signal });
    const prompt: Prompt = async (question) => (await module([{ ...question, name: "answer" } as never])).answer;
    return await interview(options, prompt);
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError)$/.test(error.name)) throw interrupted(error);
    throw error;
  } finally {
    options.input.off("end", leave).off("close", leave).off("keypress", keypress);
    options.signal?.removeEventListener("abort", leave);
  }
}

/** Shows one prompt of inquirer and gives its answer. */
type Prompt = (question: Record<string, unknown>) => Promise<unknown>;

async function interview(options: WizardOptions, prompt: Prompt): Promise<Answers> {
  let draft = newDraft(options.given, options.env, options.free);
  for (;;) {
    draft = await askAll(draft, options, prompt);
    const answers = answersOf(draft);
    say(options, `\n${options.render(answers)}`);
    const next = await prompt({
      type: "select",
      message: `Write this to ${options.file}?`,
      choices: [
        { value: "write", name: "Write it" },
        { value: "edit", name: "Go through the questions again" },
        { value: "quit", name: "Quit and write nothing" },
      ],
    });
    if (next === "write") return answers;
    if (next === "quit") {
      throw new DevflowError("ABORTED", "Nothing was written.", { hint: "`./devflow init` asks again." });
    }
  }
}

async function askAll(start: Draft, options: WizardOptions, prompt: Prompt): Promise<Draft> {
  let draft = start;
  for (const question of questions) {
    if (!question.when(draft)) continue;
    const cost = question.cost(draft);
    const help = [question.help, ...(cost === undefined ? [] : [`Memory: ${cost}.`])].join("\n");
    say(options, `\n${dim(options, wrap(help, columnsOf(options), "  ").join("\n"))}`);
    const value =
      question.type === "providers" ? await askProviders(draft, options, prompt) : await prompt(shape(question, draft));
    draft = answered(draft, question, value, options.env);
  }
  return draft;
}

/** The question as inquirer wants it. */
function shape(question: Question, draft: Draft): Record<string, unknown> {
  const { type, message, path } = question;
  const validate = (value: unknown) => problemOf(path, value) ?? true;
  const choices = question.choices?.(draft).map(({ disabled, ...choice }) => ({
    ...choice,
    ...(disabled ? { disabled: `(${disabled})` } : {}),
  }));
  return {
    type,
    message,
    default: question.default(draft),
    ...(choices ? { choices } : {}),
    ...(type === "input" ? { validate } : {}),
  };
}

type Provider = Settings["models"]["providers"][number];

async function askProviders(draft: Draft, options: WizardOptions, prompt: Prompt): Promise<Provider[]> {
  const providers = [...((valueAt(draft.settings, "models.providers") as Provider[] | undefined) ?? [])];
  const kinds = schemaAt(["models", "providers", 0, "kind"])?.enum ?? [];
  for (;;) {
    if (providers.length > 0) say(options, `  ${providers.map(({ name, kind }) => `${name} (${kind})`).join(", ")}`);
    const kind = await prompt({
      type: "select",
      message: providerQuestions.kind,
      choices: [
        { value: "done", name: providers.length === 0 ? "None now" : "No more" },
        ...kinds.map((value) => ({ value, name: value })),
        ...(providers.length === 0 ? [] : [{ value: "clear", name: "Remove these" }]),
      ],
    });
    if (kind === "done") return providers;
    if (kind === "clear") providers.length = 0;
    else providers.push(await askProvider(kind as Provider["kind"], providers, prompt));
  }
}

async function askProvider(kind: Provider["kind"], others: Provider[], prompt: Prompt): Promise<Provider> {
  const field = async (key: "name" | "baseUrl" | "key", preset: string, required: boolean) =>
    (await prompt({
      type: "input",
      message: providerQuestions[key],
      default: preset,
      validate: (value: string) => {
        if (value === "" && !required) return true;
        if (key === "name" && others.some(({ name }) => name === value)) return `${value} is there already.`;
        const probe = { name: "probe", kind, [key]: value };
        return problemOf("models.providers", [probe]) ?? true;
      },
    })) as string;
  const name = await field("name", others.some((other) => other.name === kind) ? `${kind}-2` : kind, true);
  const baseUrl = kind === "openai-compatible" ? await field("baseUrl", "http://localhost:11434/v1", true) : "";
  const key = await field("key", kind === "openai-compatible" ? "" : usualKey(kind), false);
  return { name, kind, ...(baseUrl ? { baseUrl } : {}), ...(key ? { key } : {}) };
}

/** Prose is broken between words here, since a terminal breaks within them. */
function columnsOf({ output }: WizardOptions): number {
  return Math.min(("columns" in output && Number(output.columns)) || 100, 110);
}

function say(options: WizardOptions, text: string): void {
  options.output.write(`${text}\n`);
}

function dim(options: WizardOptions, text: string): string {
  return options.color ? styleText("dim", text, { validateStream: false }) : text;
}

function interrupted(cause: Error): DevflowError {
  return new DevflowError("INTERRUPTED", "Interrupted; nothing was written.", {
    hint: "`./devflow init` asks again; `./devflow init --yes` takes the defaults.",
    cause,
  });
}
