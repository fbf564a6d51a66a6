import { DevflowError } from "../../components/error.ts";
import type { MemberShown } from "../../glue-services/projects/schemas.ts";
import type { PlatformApi } from "../platform-api.ts";
import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import { apiOf, type Input, pathOf } from "./input.ts";

/** A member of the organisation, as far as a command needs to know. */
interface Person {
  id: string;
  name: string;
  email: string;
}

export async function list(input: Input): Promise<(MemberShown & { name: string | null; email: string | null })[]> {
  const { io, args } = input;
  const api = await apiOf(input);
  const [members, people] = await Promise.all([
    api.call<MemberShown[]>("GET", pathOf(args[0], "/members")),
    // Whoever may not read people sees ids.
    peopleOf(api).catch(() => []),
  ]);
  const named = members.map((member) => {
    const person = people.find(({ id }) => id === member.person);
    return { ...member, name: person?.name ?? null, email: person?.email ?? null };
  });
  if (io.json) return named;
  if (named.length === 0) say(io, "Nobody is a member by themselves.");
  if (named.length === 0) return named;
  const lines = table(onStdout(io), named, [
    { title: "NAME", value: ({ name, person }) => name ?? person },
    { title: "ADDRESS", value: ({ email }) => email ?? "" },
    { title: "ROLE", value: ({ role }) => role },
    { title: "SINCE", value: ({ addedAt }) => addedAt.slice(0, 10) },
  ]);
  io.out(`${lines.join("\n")}\n`);
  return named;
}

export async function set(input: Input): Promise<MemberShown> {
  const [project, wanted = "", role = ""] = input.args;
  const api = await apiOf(input);
  const person = await find(api, wanted);
  const member = await api.call<MemberShown>("PUT", pathOf(project, `/members/${person.id}`), { role });
  say(input.io, `${person.name} is ${member.role} of ${project}.`);
  return member;
}

export async function remove(input: Input): Promise<{ person: string }> {
  const [project, wanted = ""] = input.args;
  const api = await apiOf(input);
  const person = await find(api, wanted);
  await api.call("DELETE", pathOf(project, `/members/${person.id}`));
  say(input.io, `${person.name} is no member of ${project} any more.`);
  return { person: person.id };
}

function peopleOf(api: PlatformApi): Promise<Person[]> {
  return api.call<Person[]>("GET", "/api/identity/people");
}

/** @throws DevflowError NOT_FOUND for nobody, and for several of the name */
async function find(api: PlatformApi, wanted: string): Promise<Person> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted)) return { id: wanted, name: wanted, email: "" };
  const fits = (one: string) => one.toLowerCase() === wanted.toLowerCase();
  const found = (await peopleOf(api)).filter(({ name, email }) => fits(name) || fits(email));
  const [one] = found;
  if (one && found.length === 1) return one;
  throw new DevflowError(
    "NOT_FOUND",
    one ? `${found.length} people are called ${wanted}.` : `Nobody is called ${wanted}.`,
    {
      hint: "Give their address; `./devflow users list` shows everybody.",
      docs: "projects",
    },
  );
}
