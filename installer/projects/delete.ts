import { DevflowError } from "../../components/error.ts";
import type { ChangeShown, Fact, ProjectShown } from "../../glue-services/projects/schemas.ts";
import { question } from "../terminal/confirm.ts";
import { say } from "../terminal/say.ts";
import { apiOf, type Input, pathOf } from "./input.ts";
import { leftOf, untilGone } from "./progress.ts";

export async function remove(input: Input): Promise<ChangeShown> {
  const { io, options, args } = input;
  const api = await apiOf(input);
  const project = await api.call<ProjectShown>("GET", pathOf(args[0]));
  const { facts } = await api.call<{ facts: Fact[] }>("GET", pathOf(project.id, "/overview"));
  const goes = facts.filter(({ value }) => value !== "0").map(({ title, value }) => `${title}: ${value}`);
  if (project.state !== "deleting") {
    say(io, `${project.name} goes with all that is in it${goes.length > 0 ? ` (${goes.join(", ")})` : ""}.`);
    await agree(input, project);
  }
  const change = await api.call<ChangeShown>("DELETE", pathOf(project.id));
  if (options.detach) {
    say(io, `It is being deleted. \`./devflow projects show ${project.id}\` says what is left.`);
    return change;
  }
  await untilGone(input, api, change);
  say(io, `${project.name} is deleted.`);
  return { ...change, state: "done" };
}

export async function retry(input: Input): Promise<ChangeShown[]> {
  const changes = await (await apiOf(input)).call<ChangeShown[]>("POST", pathOf(input.args[0], "/retry"));
  const left = changes.filter(({ state }) => state === "running").flatMap(leftOf);
  say(input.io, left.length > 0 ? `Asked again: ${left.join("; ")}.` : "Nothing is left to do.");
  return changes;
}

/** @throws DevflowError ABORTED, or USAGE where nobody can be asked */
async function agree({ io, options }: Input, { slug }: ProjectShown): Promise<void> {
  if (options.yes && options.confirm === slug) return;
  if (!io.interactive) {
    throw new DevflowError("USAGE", "Deleting a project asks for its slug.", {
      hint: `Run it in a terminal and type the slug, or add: --yes --confirm ${slug}`,
      docs: "projects",
    });
  }
  if ((await question(io, `Type ${slug} to delete it:`)).trim() === slug) return;
  throw new DevflowError("ABORTED", "Nothing was deleted: that is not its slug.", {
    docs: "projects",
    hint: "Run it again.",
  });
}
