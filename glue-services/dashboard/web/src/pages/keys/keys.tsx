import { useQuery } from "@tanstack/react-query";
import { keysQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { KeyPage } from "../../parts/key-page.tsx";
import { NewKey } from "./new-key.tsx";

/** Keys of programs for the platform's own API. */
export function Keys() {
  const query = useQuery(keysQuery);
  return (
    <KeyPage
      title="API keys"
      name="API keys"
      lead="For programs. A key belongs to the organisation and does at most what its maker may do."
      query={query}
      queryKey={keysQuery.queryKey}
      manage={useMay("keys:write")}
      path="/api/identity/keys"
      may={{
        id: "scopes",
        title: "May",
        optional: true,
        value: ({ scopes }) => scopes.join(" "),
        cell: ({ scopes }) => (
          <code className="clip">{scopes.map((one) => (one === "*" ? "everything" : one)).join(" ") || "nothing"}</code>
        ),
      }}
      empty={{
        title: "No key yet",
        text: (
          <>
            A program sends its key as <code>Authorization: Bearer dfk_…</code> and may then do what the key’s scopes
            say.
          </>
        ),
      }}
      revoked={{ text: "Programs that use it are refused within seconds. It cannot be given back." }}
      form={(onClose) => <NewKey onClose={onClose} />}
    />
  );
}
