import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Failure, Lines } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
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
  const [renaming, rename] = useState<{ id: string; name: string }>();
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
    <Answer query={query} skeleton={<Lines count={2} height={24} />}>
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
                <span className="row">
                  <Button size="compact-xs" variant="default" onClick={() => rename({ id, name: name || "Passkey" })}>
                    Rename
                  </Button>
                  <Button size="compact-xs" variant="default" onClick={() => ask(id)}>
                    Remove
                  </Button>
                </span>
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
          {renaming && <Rename passkey={renaming} onClose={() => rename(undefined)} />}
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

const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }) });

function Rename({ passkey: { id, name }, onClose }: { passkey: { id: string; name: string }; onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm(Name, { name }, async (values) => {
    await call("/api/auth/passkey/update-passkey", { method: "POST", body: { id, name: values.name.trim() } });
    await client.invalidateQueries({ queryKey: key });
    onClose();
  });
  return (
    <FormDialog title="Rename the passkey" form={form} action="Save" onClose={onClose}>
      <TextInput label="Name" data-autofocus {...form.field("name")} />
    </FormDialog>
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
