import type { ActivityTold } from "../../../../../knowledge/projects/schemas.ts";
import { dayInWords } from "../../parts/day.ts";
import { statuses } from "./statuses.ts";

type FieldChange = ActivityTold["changes"][number];

/** What happened to a task, in words that follow the name of who did it. */
export function inWords({ event, changes }: Pick<ActivityTold, "event" | "changes">, nameOf: (id: string) => string) {
  if (event === "added") return "added the task";
  if (event === "removed") return "deleted the task";
  if (event === "commented") return "commented";
  return changes.map((change) => ofField(change, nameOf)).join(", ");
}

function ofField({ field, from, to }: FieldChange, nameOf: (id: string) => string): string {
  switch (field) {
    case "status":
      return `moved it from ${title(from)} to ${title(to)}`;
    case "assignee":
      return to ? `assigned it to ${subject(to, nameOf)}` : `took ${subject(from ?? "", nameOf)} off it`;
    case "due":
      return to ? `set the due date to ${dayInWords(to)}` : "removed the due date";
    case "title":
      return `renamed it from “${from}”`;
    case "description":
      return "changed the description";
    case "archived":
      return to ? "archived it" : "took it out of the archive";
    case "needs":
      return to ? `set what blocks it to ${to}` : "removed what blocks it";
    default:
      return to ? `set ${field} to ${to}` : `removed ${field}`;
  }
}

function title(status: string | null): string {
  return statuses.find(([id]) => id === status)?.[1] ?? String(status);
}

/** "person <id>" or "agent <name>". */
function subject(told: string, nameOf: (id: string) => string): string {
  const [kind, ...id] = told.split(" ");
  return kind === "person" ? nameOf(id.join(" ")) : `agent ${id.join(" ")}`;
}
