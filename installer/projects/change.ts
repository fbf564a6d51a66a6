import { DevflowError } from "../../components/error.ts";
import type { ProjectShown } from "../../glue-services/projects/schemas.ts";
import { say } from "../terminal/say.ts";
import { apiOf, type Input, type Options, pathOf } from "./input.ts";

export async function create(input: Input): Promise<ProjectShown> {
  const api = await apiOf(input);
  const body = { name: input.args[0], ...given(input.options) };
  const made = await api.call<ProjectShown>("POST", "/api/projects", body);
  if (!input.io.json) input.io.out(`${made.slug}\n`);
  say(input.io, `${made.name} is at ${api.publicUrl}/projects/${made.id}.`);
  return made;
}

export async function rename(input: Input): Promise<ProjectShown> {
  const [project, name] = input.args;
  const body = { ...(name !== undefined && { name }), ...given(input.options) };
  if (Object.keys(body).length === 0) {
    throw new DevflowError("USAGE", "Nothing to change was given.", {
      hint: "Give a name, --slug, --description or --everyone.",
      docs: "projects",
    });
  }
  const changed = await (await apiOf(input)).call<ProjectShown>("PATCH", pathOf(project), body);
  say(input.io, `${changed.name} has the slug ${changed.slug}.`);
  return changed;
}

export async function archive(input: Input): Promise<ProjectShown> {
  const changed = await (await apiOf(input)).call<ProjectShown>("POST", pathOf(input.args[0], "/archive"));
  say(input.io, `${changed.name} is archived. \`./devflow projects restore ${changed.slug}\` brings it back.`);
  return changed;
}

export async function restore(input: Input): Promise<ProjectShown> {
  const changed = await (await apiOf(input)).call<ProjectShown>("POST", pathOf(input.args[0], "/restore"));
  say(input.io, `${changed.name} is active again.`);
  return changed;
}

function given({ slug, description, everyone }: Options): object {
  return {
    ...(slug !== undefined && { slug }),
    ...(description !== undefined && { description }),
    ...(everyone !== undefined && { everyone: everyone === "none" ? null : everyone }),
  };
}
