import type { Options } from "../projects/input.ts";
import type { Command } from "./command.ts";
import { where } from "./where.ts";

const project = { name: "project", description: "its slug or id", required: true };
const person = { name: "person", description: "address, name or id of a person of the organisation", required: true };
const roles = ["viewer", "member", "maintainer", "owner"];
const everyone = {
  flags: "--everyone <role>",
  description: "what everyone in the organisation may do: viewer, member, or nothing (none)",
  choices: ["viewer", "member", "none"],
};
const description = { flags: "--description <text>", description: "what it is for" };
const noWait = { flags: "--detach", description: "do not wait until every service has done its part" };

export const projects: Command<Options> = {
  name: "projects",
  summary: "List, create, rename, archive, restore and delete projects, and say who works on them",
  examples: [
    { command: "./devflow projects list", does: "those that you may see" },
    { command: './devflow projects create "Web shop"', does: "a project that you own, at the slug web-shop" },
    { command: "./devflow projects members set web-shop ada@example.com maintainer", does: "Ada may change it" },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Show the projects that you may see",
      options: [...where, { flags: "--all", description: "also those that are archived" }],
      examples: [{ command: "./devflow projects list --all --json", does: "all of them as data" }],
      run: async (input) => (await import("../projects/read.ts")).list(input),
    },
    {
      name: "show",
      summary: "Show a project: its state, environments, members, and what services say of it",
      arguments: [project],
      options: where,
      examples: [{ command: "./devflow projects show web-shop", does: "and what is not done yet of a deletion" }],
      run: async (input) => (await import("../projects/read.ts")).show(input),
    },
    {
      name: "create",
      summary: "Create a project",
      arguments: [{ name: "name", description: "what people call it", required: true }],
      options: [
        ...where,
        { flags: "--slug <slug>", description: "its name in addresses (default: from its name)" },
        description,
        everyone,
      ],
      examples: [{ command: './devflow projects create "Payroll" --everyone none', does: "for its members alone" }],
      run: async (input) => (await import("../projects/change.ts")).create(input),
    },
    {
      name: "rename",
      summary: "Give a project another name, slug, description or audience",
      arguments: [project, { name: "name", description: "its new name" }],
      options: [...where, { flags: "--slug <slug>", description: "its new slug" }, description, everyone],
      examples: [{ command: './devflow projects rename web-shop "Shop" --slug shop', does: "a new name and address" }],
      run: async (input) => (await import("../projects/change.ts")).rename(input),
    },
    {
      name: "archive",
      summary: "Keep a project as it is: nothing in it changes until it is restored",
      arguments: [project],
      options: where,
      examples: [{ command: "./devflow projects archive web-shop", does: "out of everyday lists" }],
      run: async (input) => (await import("../projects/change.ts")).archive(input),
    },
    {
      name: "restore",
      summary: "Work on an archived project again",
      arguments: [project],
      options: where,
      examples: [{ command: "./devflow projects restore web-shop", does: "as it was" }],
      run: async (input) => (await import("../projects/change.ts")).restore(input),
    },
    {
      name: "delete",
      summary: "Delete a project with all that every service keeps of it",
      arguments: [project],
      options: [
        ...where,
        noWait,
        { flags: "--confirm <slug>", description: "with --yes: slug of the project, instead of typing it" },
      ],
      examples: [
        { command: "./devflow projects delete web-shop", does: "asks for its slug, and shows what is left" },
        {
          command: "./devflow projects delete web-shop --yes --confirm web-shop",
          does: "for scripts: both are needed",
        },
      ],
      run: async (input) => (await import("../projects/delete.ts")).remove(input),
    },
    {
      name: "retry",
      summary: "Ask services again that failed to do their part",
      arguments: [project],
      options: where,
      examples: [{ command: "./devflow projects retry web-shop", does: "goes on with a deletion that stopped" }],
      run: async (input) => (await import("../projects/delete.ts")).retry(input),
    },
    {
      name: "members",
      summary: "List, set and remove members",
      examples: [{ command: "./devflow projects members list web-shop", does: "who may do what" }],
      subcommands: [
        {
          name: "list",
          summary: "Show who is a member, and of what role",
          arguments: [project],
          options: where,
          examples: [{ command: "./devflow projects members list web-shop --json", does: "the same as data" }],
          run: async (input) => (await import("../projects/members.ts")).list(input),
        },
        {
          name: "set",
          summary: "Add a member, or give one another role",
          arguments: [project, person, { name: "role", description: roles.join(", "), required: true }],
          options: where,
          examples: [
            { command: "./devflow projects members set web-shop ada@example.com owner", does: "one more owner" },
          ],
          run: async (input) => (await import("../projects/members.ts")).set(input),
        },
        {
          name: "remove",
          summary: "Remove a member",
          arguments: [project, person],
          options: where,
          examples: [{ command: "./devflow projects members remove web-shop ada@example.com", does: "at once" }],
          run: async (input) => (await import("../projects/members.ts")).remove(input),
        },
      ],
    },
  ],
};
