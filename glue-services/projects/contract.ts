import { type Static, Type } from "typebox";
import { type App, call, contract, GivenPerson } from "../kit/index.ts";
import { administers } from "./access.ts";
import { Fact, ProjectChange, ProjectGiven, ProjectShown, Role, State, type Who } from "./schemas.ts";

// What other services may use of projects: import this file and nothing else of it.

export { answerPart, ProjectEvent, projectParts } from "./parts.ts";
export type { Fact, ProjectShown, Role, Who };
export { administers };

/** Who asks: a request's identity. */
const GivenWho = Type.Object({
  organisation: Type.String(),
  person: GivenPerson,
  scopes: Type.Unsafe<readonly string[]>(Type.Array(Type.String())),
});
const asked = { who: GivenWho, project: Type.String({ description: "Its id or slug." }) };

export const projectsContract = contract("projects", {
  /** Ids of the projects that somebody may see now, for lists that are filtered by them. */
  visible: call({ input: Type.Object({ who: GivenWho }), output: Type.Array(Type.String()), idempotent: true }),
  /**
   * The project, when somebody has at least this role in it now, and it is in one of the states. Without them whatever is
   * more than to look needs it active.
   *
   * @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT
   */
  demand: call({
    input: Type.Object({ ...asked, role: Role, states: Type.Optional(Type.Array(State)) }),
    output: ProjectShown,
    idempotent: true,
  }),
  create: call({ input: Type.Object({ who: GivenWho, given: ProjectGiven }), output: ProjectShown }),
  /** Renames and describes it. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
  change: call({ input: Type.Object({ ...asked, change: ProjectChange }), output: ProjectShown }),
  /** Nothing happens to one that is archived, or not, already. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
  archive: call({ input: Type.Object({ ...asked, archived: Type.Boolean() }), output: ProjectShown, idempotent: true }),
  /** Begins its deletion, which ends when every service has removed its part. @throws ApiError NOT_FOUND, FORBIDDEN */
  remove: call({ input: Type.Object(asked), output: Type.Null() }),
});

/**
 * Ids of the projects that somebody may see, for lists in which not everything is of a project; undefined: everything, also
 * what is left of projects that are gone. Of those nobody else sees anything, since nothing says any more who might.
 */
export async function visibleProjects(app: App, who: Who): Promise<string[] | undefined> {
  return administers(who) ? undefined : app.use(projectsContract).visible({ who });
}

const calls = {
  /** What it says of a project on its page, to somebody who may see the project; it looks after its own scopes. */
  projectFacts: call({
    input: Type.Object({ who: GivenWho, project: Type.String({ description: "Its id." }) }),
    output: Type.Array(Fact),
    idempotent: true,
    deadline: 3000,
  }),
};

/** What a service provides that has something to say of projects on their pages. */
export function factsContract(service: string) {
  return contract(service, calls);
}

/** Services of the stack that provide it. */
export function servicesWithFacts(calls: readonly string[]): string[] {
  return calls.flatMap((one) => (one.endsWith(".projectFacts") ? [one.slice(0, -".projectFacts".length)] : []));
}

/** The identity of whoever asks, as it came. */
export function whoOf({ organisation, person, scopes }: Static<typeof GivenWho>): Who {
  return { organisation, person, scopes };
}
