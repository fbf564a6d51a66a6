import { useQuery } from "@tanstack/react-query";
import { keysQuery, scopesQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { KeyPage } from "../../parts/key-page.tsx";
import { NewKey } from "./new-key.tsx";
import { scopeWords } from "./scopes.ts";

/** Keys of programs for the platform's own API. */
export function Keys() {
  const query = useQuery(keysQuery);
  const { data: known = [] } = useQuery(scopesQuery);
  const manage = useMay("keys:write");
  return (
    <KeyPage
      title="API keys"
      name="API keys"
      lead="For programs. A key belongs to the organisation and does at most what its maker may do."
      query={query}
      queryKey={keysQuery.queryKey}
      manage={manage}
      why={manage ? undefined : "Creating keys needs the permission keys:write; ask an administrator."}
      path="/api/identity/keys"
      may={{
        id: "scopes",
        title: "May",
        optional: true,
        value: ({ scopes }) => scopes.join(" "),
        cell: ({ scopes }) => (
          <span className="clip" title={scopes.join(" ")}>
            {scopes.map((scope) => scopeWords(known, scope)).join(", ") || "nothing"}
          </span>
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
