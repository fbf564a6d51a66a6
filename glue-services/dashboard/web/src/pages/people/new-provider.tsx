import { Button, PasswordInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { NewOidc, NewSaml } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { signOnQuery } from "../../api/queries.ts";
import { Failure } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useForm } from "../../parts/form.ts";

interface FormProps {
  onClose: () => void;
  save(body: object): Promise<void>;
}

/** Adds an identity provider by the protocol it speaks. */
export function NewProvider({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [kind, setKind] = useState("oidc");
  const Fields = kind === "oidc" ? Oidc : Saml;
  const save = async (body: object) => {
    await call("/api/identity/sign-on", { method: "POST", body });
    await client.invalidateQueries({ queryKey: signOnQuery.queryKey });
    onClose();
  };
  return (
    <Dialog opened onClose={onClose} title="Add a provider">
      <div className="stack">
        <SegmentedControl
          aria-label="Protocol"
          value={kind}
          onChange={setKind}
          data={[
            { value: "oidc", label: "OpenID Connect" },
            { value: "saml", label: "SAML" },
          ]}
        />
        <Fields onClose={onClose} save={save} />
      </div>
    </Dialog>
  );
}

function Oidc({ onClose, save }: FormProps) {
  const empty = { provider: "", domain: "", issuer: "", clientId: "", clientSecret: "" };
  const form = useForm(NewOidc, empty, ({ clientId, clientSecret, ...rest }) =>
    save({ ...rest, oidc: { clientId, clientSecret } }),
  );
  const back = `${window.location.origin}/api/auth/sso/callback/${form.values.provider || "NAME"}`;
  return (
    <form className="stack" onSubmit={form.submit} noValidate>
      <Common field={form.field} issuer="Address of the provider; its discovery document is found from it." />
      <TextInput label="Client ID" {...form.field("clientId")} />
      <PasswordInput label="Client secret" autoComplete="off" {...form.field("clientSecret")} />
      <Command label="Redirect address to register there">{back}</Command>
      <Ending failure={form.failure} busy={form.busy} onClose={onClose} />
    </form>
  );
}

function Saml({ onClose, save }: FormProps) {
  const empty = { provider: "", domain: "", issuer: "", entryPoint: "", certificate: "" };
  const form = useForm(NewSaml, empty, ({ entryPoint, certificate, ...rest }) =>
    save({ ...rest, saml: { entryPoint, certificate, entityId: rest.issuer } }),
  );
  const name = form.values.provider || "NAME";
  const metadata = `${window.location.origin}/api/auth/sso/saml2/sp/metadata?providerId=${name}`;
  return (
    <form className="stack" onSubmit={form.submit} noValidate>
      <Common field={form.field} issuer="Entity ID of the provider, an address." />
      <TextInput label="Sign-on address" {...form.field("entryPoint")} />
      <Textarea
        label="Signing certificate"
        description="PEM, from BEGIN to END."
        rows={4}
        {...form.field("certificate")}
      />
      <Command label="Our metadata, once it is added">{metadata}</Command>
      <Ending failure={form.failure} busy={form.busy} onClose={onClose} />
    </form>
  );
}

type Field = ReturnType<typeof useForm<typeof NewOidc>>["field"];

function Common({
  field,
  issuer,
}: {
  field: (name: "provider" | "domain" | "issuer") => ReturnType<Field>;
  issuer: string;
}) {
  return (
    <>
      <TextInput label="Name" description="Lower case; part of addresses." data-autofocus {...field("provider")} />
      <TextInput label="Mail domain" description="People of this domain sign on there." {...field("domain")} />
      <TextInput label="Issuer" description={issuer} {...field("issuer")} />
    </>
  );
}

function Ending({ failure, busy, onClose }: { failure: Error | undefined; busy: boolean; onClose: () => void }) {
  return (
    <>
      {failure && <Failure error={failure} />}
      <div className="row end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Add
        </Button>
      </div>
    </>
  );
}
