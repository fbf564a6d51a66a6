import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { PersonName } from "../../../../../identity/schemas.ts";
import { call } from "../../api/call.ts";
import { type Me, meQuery } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { useForm } from "../../parts/form.ts";

const Renamed = Type.Object({ name: PersonName });

/** The name of the organisation one acts for. */
export function OrganisationName({ me }: { me: Me }) {
  const client = useQueryClient();
  const now = me.organisations.find(({ id }) => id === me.organisation)?.name ?? "";
  const form = useForm(Renamed, { name: now }, async (body) => {
    await call("/api/identity/organisation", { method: "PATCH", body });
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
    notifications.show({ message: `The organisation is now called ${body.name}.` });
  });
  return (
    <form className="stack narrow" onSubmit={form.submit} noValidate>
      <TextInput label="Name" {...form.field("name")} />
      {form.failure && <Failure error={form.failure} />}
      <div className="row">
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={form.busy}
          disabled={form.values.name.trim() === now}
        >
          Rename
        </Button>
      </div>
    </form>
  );
}
