import { DevflowError } from "../../components/error.ts";
import { listPeople, type PeopleOf, resetLink, welcomeLink } from "../identity.ts";
import { peopleOf } from "../people-of.ts";
import { readStack } from "../stack.ts";
import { say } from "../terminal/say.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";

export const users: Command = {
  name: "users",
  summary: "List people, or make a link that lets one in",
  examples: [
    { command: "./devflow users list", does: "everybody, with organisations and roles" },
    { command: "./devflow users reset ada@example.com", does: "a link for a new password, valid once for 30 minutes" },
    { command: "./devflow users invite-link", does: "the first administrator's link, while there is none" },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Show everybody, with organisations and roles",
      examples: [{ command: "./devflow users list --json", does: "the same as data" }],
      async run({ options, io }) {
        const people = await listPeople(await stackOf(io, options));
        if (!io.json) io.out(people.map(line).join(""));
        if (people.length === 0) say(io, "Nobody yet. `./devflow users invite-link` makes the first link.");
        return { people };
      },
    },
    {
      name: "reset",
      summary: "Make a link with which a person sets a new password",
      arguments: [{ name: "email", description: "the person's address", required: true }],
      examples: [{ command: "./devflow users reset ada@example.com", does: "prints the link; no mail is needed" }],
      async run({ options, args, io }) {
        const link = await resetLink(await stackOf(io, options), args[0] ?? "");
        return shown(io, link, "Valid once, for 30 minutes. It signs out everything that is signed in now.");
      },
    },
    {
      name: "invite-link",
      summary: "Make the first administrator's link again",
      examples: [{ command: "./devflow users invite-link", does: "when the one that `up` printed is too old" }],
      async run({ options, io }) {
        const link = await welcomeLink(await stackOf(io, options));
        if (link) return shown(io, link, "Valid once, for 30 minutes.");
        throw new DevflowError("NOT_FOUND", "There is an administrator already, or the platform has not started yet.", {
          hint: "Administrators invite people on the platform. `./devflow users reset` lets one in again.",
          docs: "people-and-roles",
        });
      },
    },
  ],
};

async function stackOf(io: Io, options: GlobalOptions): Promise<PeopleOf> {
  return peopleOf(await readStack(io, options));
}

function shown(io: Io, link: string, note: string): { link: string } {
  if (!io.json) io.out(`${link}\n`);
  say(io, note);
  return { link };
}

function line(person: Awaited<ReturnType<typeof listPeople>>[number]): string {
  const notes = [...person.memberships, ...(person.disabled ? ["disabled"] : [])];
  return `${person.email}  ${person.name}  ${notes.join("; ") || "no organisation"}\n`;
}
