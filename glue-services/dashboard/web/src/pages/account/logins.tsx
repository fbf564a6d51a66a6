import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { type Login, loginsQuery } from "../../api/queries.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Confirm } from "../../parts/confirm.tsx";

/** Machines and programs that act as the person in this organisation, and a way to end it. */
export function Logins() {
  const query = useQuery(loginsQuery);
  const client = useQueryClient();
  const [asked, ask] = useState<Login>();
  return (
    <Answer query={query} skeleton={<Lines count={2} height={24} />}>
      {(logins) => (
        <>
          <p className="quiet">
            {logins.length === 0
              ? "No machine acts as you here. The command line signs in from elsewhere with:"
              : "Command lines and programs that act as you in this organisation. One more signs in with:"}
          </p>
          <Command>{`./devflow login ${window.location.origin}`}</Command>
          <ul className="plain-list">
            {logins.map((login) => (
              <li key={login.id} className="row between">
                <span>
                  {login.name}{" "}
                  <span className="quiet">
                    {login.scopes.includes("*") ? "may what you may" : `may ${login.scopes.join(", ")}`};{" "}
                    {login.lastUsedAt ? (
                      <>
                        used <Ago at={login.lastUsedAt} />
                      </>
                    ) : (
                      "not used yet"
                    )}
                    {login.expiresAt && (
                      <>
                        , ends <Ago at={login.expiresAt} />
                      </>
                    )}
                  </span>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => ask(login)}
                  aria-label={`Sign out ${login.name}`}
                >
                  Sign out
                </Button>
              </li>
            ))}
          </ul>
          {asked && (
            <Confirm
              opened
              onClose={() => ask(undefined)}
              title={`Sign out ${asked.name}?`}
              action="Sign out"
              run={async () => {
                await call(`/api/identity/me/keys/${asked.id}`, { method: "DELETE" });
                await client.invalidateQueries({ queryKey: loginsQuery.queryKey });
              }}
            >
              Its key opens nothing any more, at once. Whoever is at it can ask you again.
            </Confirm>
          )}
        </>
      )}
    </Answer>
  );
}
