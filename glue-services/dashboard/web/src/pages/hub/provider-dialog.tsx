import { Button, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { ProviderGiven, providerKinds } from "../../../../../ai-gateway/schemas.ts";
import type { SecretEntry } from "../../../../../secrets/schemas.ts";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { secretsQuery } from "../secrets/queries.ts";
import { ProviderReady } from "./provider-ready.tsx";
import { type Checked, type Provider, providersQuery, stateWords } from "./queries.ts";

type Kind = (typeof providerKinds)[number];
const Wanted = Type.Object({
  kind: Type.String(),
  value: Type.String({
    pattern: "^\\s*[\\x21-\\x7e]*\\s*$",
    maxLength: 10_000,
    description: "A key has no spaces. Copy it again.",
  }),
  baseUrl: Type.String({ pattern: "^(https?://\\S+)?$", description: "An address begins with https:// or http://." }),
  name: ProviderGiven.properties.name,
});
export const kindTitles: Record<Kind, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  google: "Google Gemini",
  bedrock: "Amazon Bedrock",
  "openai-compatible": "OpenAI-compatible: Ollama, vLLM, Mistral, Groq, OpenRouter …",
};
const hints: Record<Kind, string> = {
  openai: "sk-…",
  anthropic: "sk-ant-…",
  google: "AIza…",
  bedrock: "access key id:secret access key, or an API key of Bedrock",
  "openai-compatible": "Empty for a server without keys",
};

/** Adds a provider, or changes one: its key is typed here, tried here, and kept as a secret of the organisation. */
export function ProviderDialog({ provider, onClose }: { provider?: Provider; onClose: () => void }) {
  const client = useQueryClient();
  const maySecrets = useMay("secrets:manage");
  const others = useQuery(providersQuery).data ?? [];
  const secrets = useQuery({ ...secretsQuery, enabled: useMay("secrets:read") }).data ?? [];
  const [checked, setChecked] = useState<Checked>();
  const [checking, setChecking] = useState(false);
  const [made, setMade] = useState<{ name: string; checked: Checked }>();
  const initial = {
    kind: provider?.kind ?? "openai",
    value: "",
    baseUrl: provider && !isUsual(provider) ? provider.baseUrl : "",
    name: provider?.name ?? freeName("openai", others),
  };
  const form = useForm(Wanted, initial, async (values) => {
    const body = bodyOf(values, provider, secrets);
    const tried = checked?.state === "answers" || checked?.asked === askedOf(values) ? checked : await ask(values);
    // What the provider refuses is saved only by somebody who has read that it did.
    if (tried.state !== "answers" && tried.state !== "missing" && checked?.asked !== askedOf(values)) return;
    if (values.value.trim()) {
      await call(`/api/secrets/${body.key}`, { method: "PUT", body: { value: values.value.trim() } });
    }
    await call("/api/ai/providers", { method: "PUT", body });
    const now = await call<Checked>(`/api/ai/providers/${body.name}/check`, { method: "POST" });
    await Promise.all(["ai", "secrets"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    if (provider) onClose();
    else setMade({ name: body.name, checked: now });
  });
  const { kind, value, baseUrl, name } = form.values;
  const other = kind === "openai-compatible";
  const missing = other && baseUrl === "" && provider === undefined;

  async function ask(values: typeof form.values): Promise<Checked> {
    setChecking(true);
    try {
      const typed = values.value.trim();
      const body = { ...bodyOf(values, provider, secrets), ...(typed && { value: typed }) };
      const answer = await call<Checked>("/api/ai/providers/check", { method: "POST", body });
      const found = { ...answer, asked: askedOf(values) };
      setChecked(found);
      return found;
    } finally {
      setChecking(false);
    }
  }
  const current = checked?.asked === askedOf(form.values) ? checked : undefined;
  const anyway = current !== undefined && current.state !== "answers";
  return (
    <FormDialog
      title={provider ? `Edit ${provider.name}` : "Add a provider"}
      form={form}
      action={anyway ? "Save anyway" : "Save"}
      onClose={onClose}
      made={made && <ProviderReady name={made.name} checked={made.checked} />}
    >
      <Select
        label="Provider"
        data={providerKinds.map((one) => ({ value: one, label: kindTitles[one] }))}
        value={kind}
        onChange={(next) => {
          form.set("kind", next ?? "openai");
          if (!provider) form.set("name", freeName(next ?? "openai", others));
        }}
        disabled={provider !== undefined}
        allowDeselect={false}
      />
      <PasswordInput
        label="API key"
        description={
          maySecrets
            ? "Kept encrypted as a secret of this organisation; nobody can read it here again."
            : "You may not keep secrets. Ask an administrator for the permission secrets:manage."
        }
        placeholder={provider?.key ? "Unchanged" : hints[kind as Kind]}
        disabled={!maySecrets}
        autoComplete="off"
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": "Show the API key" }}
        {...form.field("value")}
      />
      <TextInput
        label="Address"
        description={other ? undefined : "Only where it is not the provider’s own, such as for Azure or a proxy."}
        placeholder={other ? "http://localhost:11434/v1" : "The provider’s own"}
        required={other}
        {...form.field("baseUrl")}
        error={form.errors.baseUrl ?? (missing && form.failure ? "An address is needed." : undefined)}
      />
      <TextInput
        label="Name"
        description="Programs ask for name/model."
        required
        disabled={provider !== undefined}
        {...form.field("name")}
      />
      <div className="row" aria-live="polite">
        <Button
          size="xs"
          variant="default"
          loading={checking}
          disabled={missing}
          onClick={() => void ask(form.values).catch((error: Error) => setChecked(failed(error, form.values)))}
        >
          Test
        </Button>
        {current && (
          <span className="provider-said">
            <StateMark state={current.state} label={stateWords[current.state]} />{" "}
            {current.state === "answers" && current.models.length > 0 && (
              <span className="quiet">{current.models.length} models</span>
            )}
            {current.said && <span>{current.said}</span>}
          </span>
        )}
      </div>
      {value === "" && !provider && !other && name && (
        <p className="quiet">Without a key its models are not offered until you set one.</p>
      )}
    </FormDialog>
  );
}

/** The name of the secret follows from the provider’s; one that is taken for something else is left alone. */
function secretName(name: string, provider: Provider | undefined, secrets: readonly SecretEntry[]): string {
  if (provider?.key && /^[A-Z][A-Z0-9_]*$/.test(provider.key)) return provider.key;
  const base = `${name.toUpperCase().replaceAll("-", "_")}_API_KEY`;
  const taken = new Set(secrets.filter(({ tier }) => tier === "organisation").map((secret) => secret.name));
  for (let at = 1; ; at++) {
    const free = at === 1 ? base : `${base}_${at}`;
    if (!taken.has(free)) return free;
  }
}

function bodyOf(
  { name, kind, baseUrl, value }: { name: string; kind: string; baseUrl: string; value: string },
  provider: Provider | undefined,
  secrets: readonly SecretEntry[],
) {
  const keyed = value.trim() !== "" || kind !== "openai-compatible";
  const key = keyed ? secretName(name, provider, secrets) : provider?.key;
  return { name, kind, ...(baseUrl && { baseUrl }), ...(key && { key }) };
}

/** What a check was about: another key or address has not been tried. */
function askedOf({ kind, value, baseUrl }: { kind: string; value: string; baseUrl: string }): string {
  return [kind, value, baseUrl].join(" ");
}

function failed(error: Error, values: { kind: string; value: string; baseUrl: string }): Checked {
  return { state: "failing", said: error.message, models: [], asked: askedOf(values) };
}

function isUsual({ kind, baseUrl }: Provider): boolean {
  return kind !== "openai-compatible" && /api\.openai\.com|anthropic\.com|googleapis\.com|amazonaws\.com/.test(baseUrl);
}

function freeName(kind: string, others: readonly Provider[]): string {
  const base = kind === "openai-compatible" ? "local-llm" : kind;
  const taken = new Set(others.map(({ name }) => name));
  for (let at = 1; ; at++) {
    const free = at === 1 ? base : `${base}-${at}`;
    if (!taken.has(free)) return free;
  }
}
