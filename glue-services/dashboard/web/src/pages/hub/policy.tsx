import { Button, Checkbox, NumberInput, Select, TagsInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GuardAction, PolicySettings } from "../../../../../ai-gateway/schemas.ts";
import "../../style/hub.css";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Answer, Failure } from "../../parts/answers.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { type GuardThere, guardsQuery, policyQuery } from "./queries.ts";

const actions: Record<GuardAction, string> = {
  off: "Let it through",
  report: "Write it down",
  redact: "Cut it out",
  block: "Refuse the call",
};

/** Guardrails, the cache of answers, and what is written down of calls. */
export function Policy() {
  const policy = useQuery(policyQuery);
  const guards = useQuery(guardsQuery);
  return (
    <Page
      title="Guardrails and cache"
      lead="They hold for every call of this organisation, from its programs and from the platform itself."
    >
      <Answer query={policy}>
        {(settings) => (
          <Answer query={guards}>
            {(there) => <Form key={JSON.stringify(settings)} settings={settings} guards={there} />}
          </Answer>
        )}
      </Answer>
    </Page>
  );
}

function Form({ settings, guards }: { settings: PolicySettings; guards: readonly GuardThere[] }) {
  const client = useQueryClient();
  const manage = useMay("ai:manage");
  const [now, setNow] = useState(settings);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const set = (more: PolicySettings) => setNow((before) => ({ ...before, ...more }));
  const same = JSON.stringify(now) === JSON.stringify(settings);
  const cache = now.cache ?? "off";
  return (
    <form
      className="policy"
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setFailure(undefined);
        try {
          await call("/api/ai/policy", { method: "PUT", body: now });
          await client.invalidateQueries({ queryKey: policyQuery.queryKey });
        } catch (error) {
          setFailure(error as Error);
        } finally {
          setBusy(false);
        }
      }}
    >
      <Section title="Guardrails">
        {guards.map(({ name, title, description }) => (
          <div key={name} className="policy-line">
            <div>
              <strong id={`guard-${name}`}>{title}</strong>
              <p className="quiet">{description}</p>
            </div>
            <Select
              aria-labelledby={`guard-${name}`}
              data={(name === "schema" ? (["off", "block"] as const) : (Object.keys(actions) as GuardAction[])).map(
                (value) => ({ value, label: actions[value] }),
              )}
              value={now.guards?.[name] ?? (name === "terms" && (now.deny ?? []).length > 0 ? "block" : "off")}
              onChange={(next) => set({ guards: { ...now.guards, [name]: (next ?? "off") as GuardAction } })}
              allowDeselect={false}
              disabled={!manage}
            />
          </div>
        ))}
        <TagsInput
          label="The organisation’s list of words"
          description="A * stands for any letters."
          value={now.deny ?? []}
          onChange={(deny) => set({ deny })}
          disabled={!manage}
        />
        <TagsInput
          label="Allowlist"
          description="What a guardrail finds and this list has stays, such as your own address."
          value={now.allow ?? []}
          onChange={(allow) => set({ allow })}
          disabled={!manage}
        />
        <p className="quiet">A stream that guardrails look at is sent when it is whole.</p>
      </Section>
      <Section title="Cache">
        <div className="policy-line">
          <div>
            <strong id="policy-cache">Answers are given again</strong>
            <p className="quiet">Never to another organisation. A kept answer costs nothing and counts as a request.</p>
          </div>
          <Select
            aria-labelledby="policy-cache"
            data={[
              { value: "off", label: "Never" },
              { value: "exact", label: "To the same question" },
              { value: "semantic", label: "Also to one that means the same" },
            ]}
            value={cache}
            onChange={(next) => set({ cache: (next ?? "off") as NonNullable<PolicySettings["cache"]> })}
            allowDeselect={false}
            disabled={!manage}
          />
        </div>
        {cache !== "off" && (
          <NumberInput
            label="For how long, in seconds"
            min={1}
            max={2_592_000}
            value={now.cacheSeconds ?? 3600}
            onChange={(next) => set({ cacheSeconds: Number(next) || 3600 })}
            disabled={!manage}
          />
        )}
        {cache === "semantic" && (
          <NumberInput
            label="How alike they must be"
            min={0.5}
            max={1}
            step={0.01}
            decimalScale={2}
            value={now.similarity ?? 0.95}
            onChange={(next) => set({ similarity: Number(next) || 0.95 })}
            disabled={!manage}
          />
        )}
      </Section>
      <Section title="Audit log">
        <Checkbox
          label="Keep questions and answers for 30 days, with secrets and personal data cut out"
          checked={now.record ?? false}
          onChange={(event) => set({ record: event.currentTarget.checked })}
          disabled={!manage}
        />
      </Section>
      {failure && <Failure error={failure} />}
      {manage && (
        <div className="row">
          <Button type="submit" loading={busy} disabled={same}>
            Save
          </Button>
          <Button variant="default" disabled={same} onClick={() => setNow(settings)}>
            Revert
          </Button>
        </div>
      )}
    </form>
  );
}
