import { fileURLToPath } from "node:url";
import type { Command as ParsedCommand } from "commander";
import type { Command, Io } from "./command.ts";
import { globalOptions } from "./globals.ts";

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
    const launcher = `'${fileURLToPath(new URL("../../devflow", import.meta.url)).replaceAll("'", "'\\''")}'`;
    const text = shell === "bash" ? bash(launcher) : printed(() => script(shell, "devflow", launcher));
    if (!io.json) io.out(text);
    return { shell, script: text };
  },
};

/**
 * Works in every bash from 3.2 on by itself; the library's script needs the package bash-completion, and evaluates what
 * was typed so far.
 */
function bash(launcher: string): string {
  return `# bash completion for devflow
__devflow_complete() {
    local word=\${COMP_WORDS[COMP_CWORD]} line
    COMPREPLY=()
    while IFS= read -r line; do
        line=\${line%%$'\\t'*}
        case $line in
            :*) ;;
            "$word"*) COMPREPLY+=("$line") ;;
        esac
    done < <(${launcher} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F __devflow_complete devflow
`;
}

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
  const program = parser(io, await loadAll());
  for (const command of program.commands) addGlobalOptions(command);
  // The library adds a command of its own, which is not for people.
  const own = "completion-script";
  const answer = printed(() => tab(program, { completionCommandName: own }).parse(words));
  io.out(
    answer
      .split("\n")
      .filter((line) => !line.startsWith(`${own}\t`))
      .join("\n"),
  );
}

/** They may stand anywhere, so they are offered everywhere. */
function addGlobalOptions(command: ParsedCommand): void {
  for (const { flags, description } of globalOptions) command.option(flags, description);
  for (const child of command.commands) addGlobalOptions(child);
}

function ownShell(io: Io): string {
  return (io.env.SHELL ?? "bash").split("/").at(-1) ?? "bash";
}

async function unknownShell(shell: string): Promise<Error> {
  const { DevflowError } = await import("../../components/error.ts");
  return new DevflowError("USAGE", `There is no completion for the shell "${shell}".`, {
    hint: `Name one of ${shells.join(", ")}: \`./devflow completion bash\``,
  });
}
