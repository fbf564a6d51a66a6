import { useQuery } from "@tanstack/react-query";
import { stateOf } from "../../parts/key-page.tsx";
import { routesQuery, virtualKeysQuery } from "./queries.ts";

/** What stops working, or works otherwise, when a provider goes. */
export function UsedBy({ provider }: { provider: string }) {
  const routes = useQuery(routesQuery).data ?? [];
  const keys = useQuery(virtualKeysQuery).data ?? [];
  const of = (model: string) => model.startsWith(`${provider}/`);
  const using = [
    ...routes
      .filter(({ targets }) => targets.some(({ model }) => of(model)))
      .map(({ name, targets }) => ({
        id: `route ${name}`,
        words: `Route ${name}, ${targets.every(({ model }) => of(model)) ? "which then has no model left" : "as one of several"}`,
      })),
    ...keys
      .filter((key) => stateOf(key) === "active" && key.models.some(of))
      .map(({ id, name }) => ({ id, words: `Model key ${name}` })),
  ];
  if (using.length === 0) return <p className="quiet">No route and no key names it.</p>;
  return (
    <>
      <p>It is used by:</p>
      <ul>
        {using.map(({ id, words }) => (
          <li key={id}>{words}</li>
        ))}
      </ul>
    </>
  );
}
