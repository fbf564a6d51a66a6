import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import type { Me } from "../api/session.ts";
import { addressOf } from "../organisation.ts";
import { signOut } from "../shell/session-actions.ts";

/** An address of an organisation that the reader is not in, which may be of others or nobody's. */
export function NotAMember({ slug }: { slug: string }) {
  const { data: me } = useQuery({
    queryKey: ["me", "elsewhere"],
    queryFn: ({ signal }) => call<Me>("/api/identity/me", { signal, anyOrganisation: true }),
  });
  return (
    <section className="empty" role="alert">
      <h1>You are not a member of “{slug}”</h1>
      <p>
        This address is of an organisation with the short name <code>{slug}</code>, which you are not in
        {me?.email && (
          <>
            {" "}
            as <strong>{me.email}</strong>
          </>
        )}
        , or which is not there. Ask whoever gave you the address to invite you.
      </p>
      {me && (
        <>
          <h2>Your organisations</h2>
          <ul className="plain-list">
            {me.organisations.map(({ id, name, slug }) => (
              <li key={id}>
                <a href={addressOf("/", slug)}>{name}</a>
              </li>
            ))}
          </ul>
          <p>
            <button type="button" className="link" onClick={() => void signOut()}>
              Sign in as somebody else
            </button>
          </p>
        </>
      )}
    </section>
  );
}
