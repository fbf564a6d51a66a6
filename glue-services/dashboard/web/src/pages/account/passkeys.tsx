import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Failure } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { browserOf } from "./sessions.tsx";

interface Passkey {
  id: string;
  name?: string | null;
  createdAt?: string | null;
}

const key = ["passkeys"];

/** Sign-in by fingerprint, face or a security key. */
export function Passkeys() {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call<Passkey[]>("/api/auth/passkey/list-user-passkeys", { signal }),
  });
  const [error, setError] = useState<Error>();
  const supported = "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;
  const [asked, ask] = useState<string>();
  const add = async () => {
    setError(undefined);
    try {
      await make();
      await client.invalidateQueries({ queryKey: key });
    } catch (failure) {
      // Closing the browser's own dialog is no error.
      if ((failure as Error).name !== "NotAllowedError") setError(failure as Error);
    }
  };
  return (
    <Answer query={query}>
      {(passkeys) => (
        <>
          <p className="quiet">Sign in by fingerprint, face or a security key instead of the password.</p>
          <ul className="plain-list">
            {passkeys.map(({ id, name, createdAt }) => (
              <li key={id} className="row between">
                <span>
                  {name || "Passkey"}{" "}
                  <span className="quiet">
                    added <Ago at={createdAt} />
                  </span>
                </span>
                <Button size="compact-xs" variant="default" onClick={() => ask(id)}>
                  Remove
                </Button>
              </li>
            ))}
          </ul>
          <Confirm
            opened={asked !== undefined}
            onClose={() => ask(undefined)}
            title="Remove this passkey?"
            action="Remove"
            run={async () => {
              await call("/api/auth/passkey/delete-passkey", { method: "POST", body: { id: asked } });
              await client.invalidateQueries({ queryKey: key });
            }}
          >
            It no longer signs you in here. Your password and other passkeys still do.
          </Confirm>
          {error && <Failure error={error} />}
          <div className="row">
            <Button size="xs" variant="default" disabled={!supported} onClick={() => void add()}>
              Add a passkey
            </Button>
            {!supported && <span className="quiet">This browser has none to offer.</span>}
          </div>
        </>
      )}
    </Answer>
  );
}

async function make(): Promise<void> {
  const options = await call<PublicKeyCredentialCreationOptionsJSON>("/api/auth/passkey/generate-register-options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const name = browserOf(navigator.userAgent);
  await call("/api/auth/passkey/verify-registration", { method: "POST", body: { response: made.toJSON(), name } });
  notifications.show({ message: "The passkey works from now on." });
}
