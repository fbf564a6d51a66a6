import type { Status } from "../../api/queries.ts";
import { illOf } from "../../api/use-waiting.ts";

/**
 * Whether everything is well, in a few words.
 *
 * @param waiting how many things wait for a person, components and a run that failed among them
 * @param failed the last run did not do all it should, so that a component may be missing
 */
export function headline(status: Status, waiting = 0, failed = false): string {
  const { components, supervisor } = status;
  const all = components.length;
  const ready = components.filter(({ state }) => state === "ready").length;
  const ill = illOf(status);
  if (!supervisor.reachable) return "The platform’s state is not known";
  if (all === 0) return "Nothing runs yet";
  if (failed && ill.length === 0)
    return waiting > 1 ? `The last run failed; ${waiting} things need you` : "The last run failed";
  if (ill.length > 0 && waiting > ill.length) return `${waiting} things need you`;
  if (ready === all && waiting > 0)
    return `All runs well; ${waiting === 1 ? "one thing needs" : `${waiting} things need`} you`;
  if (ready === all) return "Everything is well";
  if (ill.length === 1) return `${ill[0]?.name} needs attention`;
  if (ill.length > 1) return `${ill.length} components need attention`;
  return `${ready} of ${all} components are ready`;
}
