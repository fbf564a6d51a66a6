import { fileURLToPath } from "node:url";
import type { Command, Io } from "./command.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const completion: Command = {
  name: "completion",
  summary: "Print the completion script for a shell",
  arguments: [{ name: "shell", description: `one of ${shells.join(", ")} (default: that of $SHELL)` }],
  examples: [
    { command: 'eval "$(./devflow completion bash)"', does: "complete in this bash" },
    { command: "./devflow completion zsh >> ~/.zshrc", does: "complete in every zsh" },
    { command: "./devflow completion fish > ~/.config/fish/completions/devflow.fish", does: "complete in every fish" },
  ],
  async run({ args, io }) {
    const shell = args[0] ?? ownShell(io);
    if (!shells.some((known) => known === shell)) throw await unknownShell(shell);
    const { script } = await import("@bomb.sh/tab");
    const launcher = fileURLToPath(new URL("../../devflow", import.meta.url));
    const text = printed(() => script(shell, "devflow", `'${launcher.replaceAll("'", "'\\''")}'`));
    if (!io.json) io.out(text);
    return { shell, script: text };
  },
};

/** What the library prints, which it does by `console.log` alone. */
function printed(work: () => void): string {
  const { log } = console;
  let text = "";
  console.log = (...words: unknown[]) => {
    text += `${words.join(" ")}\n`;
  };
  try {
    work();
  } finally {
    console.log = log;
  }
  return text;
}

/** Answers the shell's question what may come next; the scripts of `completion` ask it. */
export async function complete(words: string[], io: Io): Promise<void> {
  const [{ default: tab }, { parser }, { loadAll }] = await Promise.all([
    import("@bomb.sh/tab/commander"),
    import("./parse.ts"),
    import("./table.ts"),
  ]);
  tab(parser(io, await loadAll()), { completionCommandName: "completion-script" }).parse(words);
}

function ownShell(io: Io): string {
  return (io.env.SHELL ?? "bash").split("/").at(-1) ?? "bash";
}

async function unknownShell(shell: string): Promise<Error> {
  const { DevflowError } = await import("../../components/error.ts");
  return new DevflowError("USAGE", `There is no completion for the shell "${shell}".`, {
    hint: `Name one of ${shells.join(", ")}: ./devflow completion bash`,
  });
}
