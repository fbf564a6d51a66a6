import { declarations } from "../../glue-services/declared.ts";
import { serviceCommands } from "../services/command.ts";
import type { Command, Example } from "./command.ts";

/** A command before it is loaded: enough for help and suggestions. Loading is what costs time, so only one is. */
export interface Entry {
  summary: string;
  load(): Promise<Command>;
}

export const summary = "A complete development platform on your own machines, with one command.";

export const examples: Example[] = [
  { command: "./devflow up", does: "bring the platform up, or resume or change what is there" },
  { command: "./devflow status --watch", does: "see how every component is, live" },
  { command: "./devflow logs code -f", does: "follow the log of one component" },
];

/** Every command in the order of help: by how soon one needs it. */
export const table: Record<string, Entry> = {
  up: {
    summary: "Bring the platform up: check, plan, ask, do, and say where it is",
    load: async () => (await import("./up.ts")).up,
  },
  status: {
    summary: "Show every component and process: state, version, memory, address",
    load: async () => (await import("./status.ts")).status,
  },
  open: {
    summary: "Open a component in the browser and print its address",
    load: async () => (await import("./open.ts")).open,
  },
  logs: {
    summary: "Show or follow logs of components, processes, containers or pods",
    load: async () => (await import("./logs.ts")).logs,
  },
  secrets: {
    summary: "List, read, set, rotate, import and examine secrets",
    load: async () => (await import("./secrets.ts")).secrets,
  },
  credentials: {
    summary: "List generated credentials, or show one; short for secrets list and get",
    load: async () => (await import("./credentials.ts")).credentials,
  },
  users: {
    summary: "List people, or make a link that lets one in",
    load: async () => (await import("./users.ts")).users,
  },
  login: {
    summary: "Sign this machine in to a platform elsewhere, by its public address",
    load: async () => (await import("./login.ts")).login,
  },
  logout: {
    summary: "End a sign-in of this machine, there and here",
    load: async () => (await import("./login.ts")).logout,
  },
  contexts: {
    summary: "List the platforms this machine is signed in to, or choose one",
    load: async () => (await import("./login.ts")).contexts,
  },
  api: {
    summary: "Call any route of the platform, as whoever is signed in",
    load: async () => (await import("./api.ts")).api,
  },
  projects: {
    summary: "List, create, rename, archive, restore and delete projects, and say who works on them",
    load: async () => (await import("./projects.ts")).projects,
  },
  hub: {
    summary: "Keys, usage and models of the AI gateway, and a chat with one",
    load: async () => (await import("./hub.ts")).hub,
  },
  knowledge: {
    summary: "Add sites, repositories and files to the knowledge base, search it, and ask it",
    load: async () => (await import("./knowledge.ts")).knowledge,
  },
  mcp: {
    summary: "Speak MCP over standard input and output, for editors and agents",
    load: async () => (await import("./mcp.ts")).mcp,
  },
  ...serviceCommands(declarations),
  doctor: {
    summary: "Find what is wrong, and the command that fixes it",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  restart: {
    summary: "Restart components of a local stack, or all of them",
    load: async () => (await import("./restart.ts")).restart,
  },
  down: {
    summary: "Stop everything and keep all data",
    load: async () => (await import("./down.ts")).down,
  },
  init: {
    summary: "Answer the questions and write the answers file",
    load: async () => (await import("./init.ts")).init,
  },
  config: {
    summary: "Show, explain and change the configuration",
    load: async () => (await import("./config.ts")).config,
  },
  images: {
    summary: "List, lock, mirror and verify the container images of a stack",
    load: async () => (await import("./images.ts")).images,
  },
  preflight: {
    summary: "Check whether this machine can run the stack",
    load: async () => (await import("./preflight.ts")).preflight,
  },
  preview: {
    summary: "Show what `up` would do, and do nothing",
    load: async () => (await import("./preview.ts")).preview,
  },
  destroy: {
    summary: "Delete the stack with all its data, after asking for its name",
    load: async () => (await import("./destroy.ts")).destroy,
  },
  version: {
    summary: "Show the versions of DevFlow, Node and the programs it runs",
    load: async () => (await import("./version.ts")).version,
  },
  completion: {
    summary: "Print the completion script for a shell",
    load: async () => (await import("./completion.ts")).completion,
  },
  test: {
    summary: "Run the checks and tests of this checkout",
    load: async () => (await import("./checkout.ts")).test,
  },
  check: {
    summary: "Check format, types and generated files of this checkout",
    load: async () => (await import("./checkout.ts")).check,
  },
};

/** Loads every command, for completion, documentation and tests. */
export async function loadAll(): Promise<Command[]> {
  return Promise.all(Object.values(table).map((entry) => entry.load()));
}
