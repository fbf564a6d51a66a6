import { Button, JsonInput, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { Failure } from "../../parts/answers.tsx";
import { Section } from "../../parts/page.tsx";
import { ArgumentFields } from "./argument-field.tsx";
import { argumentsFrom, type Draft, draftOf, emptyOf, formOf, type Problems } from "./arguments.ts";
import type { Offer, Server } from "./queries.ts";

/** Calls a tool as oneself, with the rules that hold for oneself. */
export function TryCall({ server, offer }: { server: Server; offer: Offer }) {
  const [name, setName] = useState(offer.tools[0]?.name ?? "");
  const tool = offer.tools.find((one) => one.name === name);
  return (
    <Section title="Try a call">
      <div className="stack">
        <Select
          label="Tool"
          data={offer.tools.map((one) => one.name)}
          value={name}
          onChange={(next) => setName(next ?? "")}
          allowDeselect={false}
          searchable
        />
        {tool && <Arguments key={name} server={server} tool={tool} />}
      </div>
    </Section>
  );
}

function Arguments({ server, tool }: { server: Server; tool: Offer["tools"][number] }) {
  const form = formOf(tool.inputSchema);
  const [as, setAs] = useState<"form" | "json">("form");
  const [draft, setDraft] = useState<Draft>(() => emptyOf(form));
  const [text, setText] = useState("{}");
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<object>();
  const [failure, setFailure] = useState<Error>();

  function turn(next: string): void {
    setProblems({});
    if (next === "json") setText(JSON.stringify(argumentsFrom(form, draft).given, undefined, 2));
    else if (parsed(text)) setDraft(draftOf(form, parsed(text)));
    setAs(next as typeof as);
  }

  function change(next: Draft): void {
    setDraft(next);
    // What was wrong at the last try is looked at again; nobody is told of a field before they tried.
    if (Object.keys(problems).length > 0) setProblems(argumentsFrom(form, next).problems);
  }

  async function run(): Promise<void> {
    const fromText = parsed(text);
    const { given, problems: found } =
      as === "form"
        ? argumentsFrom(form, draft)
        : { given: fromText ?? {}, problems: fromText ? {} : { json: "This is not a JSON object." } };
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    try {
      const body = { tool: tool.name, arguments: given };
      setAnswer(await call(`/api/mcp/servers/${server.id}/try`, { method: "POST", body }));
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {tool.description && <p className="quiet">{tool.description}</p>}
      <SegmentedControl
        aria-label="How arguments are entered"
        size="xs"
        data={[
          { value: "form", label: "Form" },
          { value: "json", label: "JSON" },
        ]}
        value={as}
        onChange={turn}
      />
      {as === "json" ? (
        <JsonInput label="Arguments" value={text} onChange={setText} minRows={4} autosize error={problems.json} />
      ) : form.fields.length > 0 ? (
        <ArgumentFields field={form} draft={draft} at="" problems={problems} onChange={change} />
      ) : (
        <p className="quiet">It takes no arguments.</p>
      )}
      <div className="row end">
        <Button size="xs" onClick={run} loading={busy}>
          Call
        </Button>
      </div>
      {failure && <Failure error={failure} />}
      {answer && <pre className="result">{JSON.stringify(answer, undefined, 2)}</pre>}
    </>
  );
}

/** Undefined for what is no JSON object. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
