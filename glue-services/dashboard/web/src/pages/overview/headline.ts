import type { Status } from "../../api/queries.ts";
import { illOf } from "../../api/use-waiting.ts";

/** Whether everything is well, in a few words. `waiting`: how many things wait for a person, components among them. */
export function headline(status: Status, waiting = 0): string {
  const { components, supervisor } = status;
  const all = components.length;
  const ready = components.filter(({ state }) => state === "ready").length;
  const ill = illOf(status);
  if (!supervisor.reachable) return "The platform’s state is not known";
  if (all === 0) return "Nothing runs yet";
  if (ill.length > 0 && waiting > ill.length) return `${waiting} things need you`;
  if (ready === all && waiting > 0)
    return `All runs well; ${waiting === 1 ? "one thing needs" : `${waiting} things need`} you`;
  if (ready === all) return "Everything is well";
  if (ill.length === 1) return `${ill[0]?.name} needs attention`;
  if (ill.length > 1) return `${ill.length} components need attention`;
  return `${ready} of ${all} components are ready`;
}
