/** The commands of a service: `./devflow <name> <command>`. */
export interface CommandGroup {
  name: string;
  /** One line, imperative, as are those of the commands. */
  summary: string;
  commands: readonly CommandDeclaration[];
}

/**
 * A command that calls one route, with the rights of whoever is signed in: here, or at a platform elsewhere. Arguments and
 * options go into the path where it has their name in braces, else into the query of a GET and the body of all others.
 *
 * @example { name: "remove", summary: "Delete a note", arguments: [{ name: "id", description: "its id", required: true }], route: { method: "DELETE", path: "/api/notes/{id}" }, examples: [] }
 */
export interface CommandDeclaration {
  name: string;
  summary: string;
  arguments?: readonly { name: string; description: string; required?: boolean; variadic?: boolean }[];
  /** In commander's notation: `--most <count>`. */
  options?: readonly { flags: string; description: string; repeatable?: boolean }[];
  examples: readonly { command: string; does: string }[];
  route: { method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; path: string };
  /** Properties of an answer that a terminal shows as a table, a row for each of a list. @default the answer as JSON */
  columns?: readonly { title: string; property: string }[];
}
