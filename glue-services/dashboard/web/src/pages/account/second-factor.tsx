import { Button, PasswordInput, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { meQuery, useMe } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { Copy, Once } from "../../parts/command.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useForm } from "../../parts/form.ts";
import { QrCode } from "./qr-code.tsx";

interface Enabled {
  totpURI: string;
  backupCodes: string[];
}

/** A code from an authenticator besides the password. */
export function SecondFactor() {
  const on = useMe()?.twoFactor ?? false;
  const [asked, ask] = useState<"enable" | "disable">();
  return (
    <>
      <p className="quiet">
        A code from an authenticator app, asked for after your password. It is {on ? "on" : "off"}.
      </p>
      <div className="row">
        <Button size="xs" variant="default" onClick={() => ask(on ? "disable" : "enable")}>
          {on ? "Turn off" : "Set up"}
        </Button>
      </div>
      {asked === "enable" && <Enable onClose={() => ask(undefined)} />}
      {asked === "disable" && <Disable onClose={() => ask(undefined)} />}
    </>
  );
}

const Proof = Type.Object({ password: Type.String({ minLength: 1, maxLength: 1024 }) });
const Code = Type.Object({ code: Type.String({ pattern: "^\\d{6}$" }) });

function Enable({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [made, setMade] = useState<Enabled>();
  const proof = useForm(Proof, { password: "" }, async (body) => {
    setMade(await call<Enabled>("/api/auth/two-factor/enable", { method: "POST", body, replacesSession: true }));
  });
  const check = useForm(Code, { code: "" }, async (body) => {
    await call("/api/auth/two-factor/verify-totp", { method: "POST", body, replacesSession: true });
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
    notifications.show({ message: "The second factor is on." });
    onClose();
  });
  const secret = made ? (new URL(made.totpURI).searchParams.get("secret") ?? "") : "";
  return (
    <Dialog opened onClose={onClose} title="Set up the second factor" closeOnClickOutside={!made}>
      {made ? (
        <form className="stack" onSubmit={check.submit} noValidate>
          <p>Scan this with an authenticator app, or type its key there.</p>
          <QrCode text={made.totpURI} label="Key of the second factor, as a code to scan" />
          <Once value={secret} label="Copy the key" />
          <h3 className="row between">
            Backup codes <Copy value={made.backupCodes.join("\n")} label="Copy the backup codes" />
          </h3>
          <p className="quiet">Each works once, if the app is lost. They are not shown again.</p>
          <pre className="block">{made.backupCodes.join("\n")}</pre>
          <TextInput
            label="Code that the app shows now"
            inputMode="numeric"
            autoComplete="one-time-code"
            {...check.field("code")}
          />
          {check.failure && <Failure error={check.failure} />}
          <div className="row end">
            <Button type="submit" loading={check.busy}>
              Turn on
            </Button>
          </div>
        </form>
      ) : (
        <ProofForm form={proof} onClose={onClose} action="Continue" />
      )}
    </Dialog>
  );
}

function Disable({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const proof = useForm(Proof, { password: "" }, async (body) => {
    await call("/api/auth/two-factor/disable", { method: "POST", body, replacesSession: true });
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
    notifications.show({ message: "The second factor is off." });
    onClose();
  });
  return (
    <Dialog opened onClose={onClose} title="Turn the second factor off">
      <ProofForm form={proof} onClose={onClose} action="Turn off" />
    </Dialog>
  );
}

interface ProofFormProps {
  form: ReturnType<typeof useForm<typeof Proof>>;
  onClose: () => void;
  action: string;
}

function ProofForm({ form, onClose, action }: ProofFormProps) {
  return (
    <form className="stack" onSubmit={form.submit} noValidate>
      <PasswordInput
        label="Your password"
        description="To be sure that it is you."
        autoComplete="current-password"
        data-autofocus
        {...form.field("password")}
      />
      {form.failure && <Failure error={form.failure} />}
      <div className="row end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={form.busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
