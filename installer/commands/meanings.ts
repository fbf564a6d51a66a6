import type { ErrorCode } from "../../components/error.ts";

/** What each error code means and what helps, for docs/reference/errors.md. */
export const meanings: Record<ErrorCode, { means: string; helps: string }> = {
  USAGE: {
    means: "The command line could not be understood.",
    helps: "`./devflow help <command>` shows its arguments and options.",
  },
  CONFIG_INVALID: {
    means: "A setting has a value that is not allowed.",
    helps: "The message names file, line and setting; `./devflow config explain` shows where every value comes from.",
  },
  CONFIG_MISSING: {
    means: "There is no answers file and nobody to ask.",
    helps: "`./devflow init` asks and writes it; `./devflow up --yes` takes the defaults.",
  },
  PREFLIGHT_FAILED: {
    means: "This machine cannot run the stack as it is configured.",
    helps: "`./devflow preflight` shows each check with what fixes it.",
  },
  LOCKED: {
    means: "Another run is working on the same stack.",
    helps: "Wait for it (`./devflow status --watch`); the message names the process that holds the lock.",
  },
  STATE_CORRUPT: {
    means: "The deployment state cannot be read.",
    helps: "The message says which good copy is there and how to return to it.",
  },
  STATE_KEY: {
    means: "The key that encrypts the state's secrets is missing or is another one.",
    helps: "Put `state.key` back from a backup; without it the secrets in the state cannot be read.",
  },
  ARTIFACT_UNAVAILABLE: {
    means: "No source has a program that is needed.",
    helps: "The message lists each source and why it did not serve; a mirror or an offline folder can be configured.",
  },
  ARTIFACT_CHECKSUM: {
    means: "A downloaded program is not what the catalogue expects, and was refused.",
    helps: "Run it again, from another network or mirror if it happens twice. Never switch the check off.",
  },
  COMPONENT_FAILED: {
    means: "A component did not come up. Those that do not need it serve.",
    helps: "Read the log that the message names, then `./devflow up` resumes.",
  },
  COMMAND_FAILED: {
    means: "A program that DevFlow ran ended with an error.",
    helps: "The message shows the program, its exit and its last lines.",
  },
  DISK_FULL: {
    means: "There is no space left where DevFlow writes.",
    helps: "Make space, then `./devflow up` resumes.",
  },
  SUPERVISOR_UNREACHABLE: {
    means: "The supervisor that keeps the processes does not answer.",
    helps: "`./devflow up` starts it again and adopts what runs; `./devflow doctor` says what is wrong.",
  },
  NOT_RUNNING: {
    means: "The stack, or the component asked for, does not run.",
    helps: "`./devflow up` starts it.",
  },
  NOT_FOUND: {
    means: "There is no component, process, credential or stack of that name.",
    helps: "`./devflow status` lists the names.",
  },
  UNSUPPORTED: {
    means: "This machine, target or combination is not supported.",
    helps: "The message says what can be had instead; the README's support matrix says what runs where.",
  },
  ABORTED: {
    means: "A question was answered with no; nothing was changed.",
    helps: "Run it again when you mean it.",
  },
  INTERRUPTED: {
    means: "Ctrl-C, or a runner that was killed. The state is whole.",
    helps: "`./devflow up` resumes.",
  },
};

/** Errors of the launcher, before there is a Node to run the installer with. All end with exit code 20. */
export const launcherMeanings: Record<string, { means: string; helps: string }> = {
  NO_GIT: { means: "git is not installed.", helps: "Install it; the message has the command for your system." },
  NO_NODE: {
    means: "Node.js is not installed.",
    helps: "Install Node 20 or later with npm; DevFlow fetches the version it needs itself.",
  },
  OLD_NODE: { means: "The Node.js that is installed is older than 20.", helps: "Install Node 20 or later." },
  NO_NPM: { means: "npm is not installed.", helps: "Install it; the message has the command for your system." },
  READ_ONLY: {
    means: "The dependencies have to be installed, and the checkout cannot be written.",
    helps: "Run it once as the folder's owner, or clone DevFlow to a folder of your own.",
  },
  INSTALL_FAILED: {
    means: "npm could not install the dependencies.",
    helps: "Its last lines say why: usually the network, a proxy (`HTTPS_PROXY`) or a full disk.",
  },
  NO_PLATFORM: {
    means: "There is no Node among the dependencies for this system.",
    helps: "DevFlow runs on Linux x64 and arm64 and on macOS arm64.",
  },
};
