import { useQuery } from "@tanstack/react-query";
import { type AuditEntry, auditChoicesQuery } from "../../api/queries.ts";
import { Facts } from "../../parts/page.tsx";
import { absolute } from "../../parts/relative.ts";
import { areaOf } from "./words.ts";

/** A person, a key or a program by its name. */
export function whoOf({ person, by }: AuditEntry): string {
  if (person) return by ? `${person.name ?? "A former person"} by ${by}` : (person.name ?? "A former person");
  return by ?? "The platform";
}

/** One entry whole. Ids of people in its details are shown by their names. */
export function Details({ entry }: { entry: AuditEntry }) {
  const { data } = useQuery(auditChoicesQuery);
  const names = new Map(data?.people.map(({ id, name }) => [id, name]));
  const details = JSON.stringify(
    entry.details,
    (_key, value: unknown) => (typeof value === "string" ? (names.get(value) ?? value) : value),
    2,
  );
  return (
    <div className="stack">
      <Facts
        facts={[
          ["When", absolute(new Date(entry.at))],
          ["Who", whoOf(entry)],
          ["Area", areaOf(entry.service)],
          ["Action", <code key="action">{entry.action}</code>],
          ["About", entry.target ?? "–"],
          ["From", entry.ip ?? "–"],
          ["Request", entry.request ?? "–"],
        ]}
      />
      {details !== "{}" && (
        <>
          <h3>Details</h3>
          <pre className="block">{details}</pre>
        </>
      )}
    </div>
  );
}
