import { Button, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../../api/call.ts";
import { Answer, Failure } from "../../parts/answers.tsx";
import { limitsQuery, type MessageLimits } from "./queries.ts";

/** Messages a minute, of one and of all. */
export function Limits({ manage }: { manage: boolean }) {
  const query = useQuery(limitsQuery);
  return (
    <Answer query={query}>{(limits) => <Form key={JSON.stringify(limits)} limits={limits} manage={manage} />}</Answer>
  );
}

function Form({ limits, manage }: { limits: MessageLimits; manage: boolean }) {
  const client = useQueryClient();
  const [values, setValues] = useState(limits);
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await call("/api/mcp/limits", { method: "PUT", body: values });
      await client.invalidateQueries({ queryKey: limitsQuery.queryKey });
      notifications.show({ message: "The limits count from now on." });
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setBusy(false);
    }
  }

  const input = (name: keyof MessageLimits, label: string, description: string) => (
    <NumberInput
      label={label}
      description={description}
      value={values[name]}
      onChange={(value) => setValues((before) => ({ ...before, [name]: Number(value) }))}
      min={1}
      max={1_000_000}
      allowDecimal={false}
      thousandSeparator=" "
      disabled={!manage}
    />
  );
  return (
    <form className="stack narrow" onSubmit={submit} noValidate>
      {input("caller", "Per-user rate limit", "Messages a minute of a person with all their agents, or of a key.")}
      {input("organisation", "Organisation rate limit", "Messages a minute of the whole organisation.")}
      {failure && <Failure error={failure} />}
      {manage && (
        <div className="row">
          <Button type="submit" size="xs" variant="default" loading={busy}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}
