import type { Option } from "./command.ts";

/** Options of every command; they may stand before or after its name. */
export const globalOptions: Option[] = [
  { flags: "--stack <name>", description: "stack to work on (default: the one the answers file names)" },
  {
    flags: "--answers <file>",
    description: "answers file (default: devflow.yaml here, else in DevFlow's own folder, else the stack's)",
  },
  { flags: "--set <path=value>", description: "set one answer for this run; may be repeated", repeatable: true },
  { flags: "-y, --yes", description: "ask nothing; take the proposed answers" },
  { flags: "--json", description: "data as JSON on stdout, errors too" },
  { flags: "--no-color", description: "no colours (also NO_COLOR; FORCE_COLOR for the opposite)" },
  { flags: "--verbose", description: "show also where in DevFlow an error arose" },
];
