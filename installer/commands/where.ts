import type { Option } from "./command.ts";

/** Which platform a command is for, and as whom: of every command that calls one. */
export const contextOption: Option = {
  flags: "--context <name>",
  description: "platform of `contexts list` to work on, or local (also DEVFLOW_CONTEXT)",
};
export const keyOption: Option = {
  flags: "--key-file <file>",
  description: "file of an API key (also DEVFLOW_API_KEY)",
};
export const where: Option[] = [contextOption, keyOption];
