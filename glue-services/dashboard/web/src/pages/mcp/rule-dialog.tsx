import { Autocomplete, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { RuleGiven } from "../../../../../mcp-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import { type Person, rolesQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { type Rule, rulesQuery, serversQuery } from "./queries.ts";

const { tool, effect } = RuleGiven.properties;
/** An empty field stands for all of them. */
const Fields = Type.Object({ server: Type.String(), tool, role: Type.String(), person: Type.String(), effect });

const effects = [
  { value: "approve", label: "A person approves" },
  { value: "deny", label: "Denied" },
  { value: "allow", label: "Allowed" },
];
const whoms = [
  { value: "everybody", label: "Everybody" },
  { value: "role", label: "A role" },
  { value: "person", label: "A person" },
];

/** A new rule, or one that is changed. */
export function RuleDialog({
  rule,
  people,
  onClose,
}: {
  rule: Rule | undefined;
  people: Person[];
  onClose: () => void;
}) {
  const client = useQueryClient();
  const servers = useQuery(serversQuery);
  const roles = useQuery({ ...rolesQuery, enabled: useMay("roles:read") });
  const [whom, setWhom] = useState(rule?.person ? "person" : rule?.role ? "role" : "everybody");
  const first = {
    ...{ server: rule?.server ?? "", tool: rule?.tool ?? "", role: rule?.role ?? "", person: rule?.person ?? "" },
    effect: (rule?.effect ?? "approve") as RuleGiven["effect"],
  };
  const form = useForm(Fields, first, async ({ server, role, person, ...rest }) => {
    if (whom === "role" && !role) throw new Error("Choose a role, or everybody.");
    if (whom === "person" && !person) throw new Error("Choose a person, or everybody.");
    const body = {
      ...rest,
      ...(server && { server }),
      ...(whom === "role" && { role }),
      ...(whom === "person" && { person }),
    };
    await call(rule ? `/api/mcp/rules/${rule.id}` : "/api/mcp/rules", { method: "PUT", body });
    await client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    onClose();
  });
  const known = ["devflow", ...(servers.data ?? []).map(({ name }) => name)];
  return (
    <FormDialog
      title={rule ? "Change a rule" : "New rule"}
      form={form}
      action={rule ? "Change" : "Set the rule"}
      onClose={onClose}
    >
      <TextInput
        label="Tool"
        description="Its own name, without the server’s. * stands for any part, ? for one character."
        placeholder="delete_*"
        data-autofocus
        required
        {...form.field("tool")}
      />
      <Autocomplete
        label="Server"
        description="Empty: of every server. devflow is the platform itself."
        data={[...new Set(known)]}
        value={form.values.server}
        onChange={(value) => form.set("server", value)}
      />
      <SegmentedControl data={whoms} value={whom} onChange={setWhom} aria-label="For whom" />
      {whom === "role" && (
        <Select
          label="Role"
          data={[...new Set([...(roles.data ?? []).map(({ name }) => name), ...(first.role ? [first.role] : [])])]}
          value={form.values.role || null}
          onChange={(value) => form.set("role", value ?? "")}
          searchable
        />
      )}
      {whom === "person" && (
        <Select
          label="Person"
          data={people.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` }))}
          value={form.values.person || null}
          onChange={(value) => form.set("person", value ?? "")}
          searchable
        />
      )}
      <SegmentedControl
        data={effects}
        value={form.values.effect}
        onChange={(value) => form.set("effect", value as RuleGiven["effect"])}
        aria-label="Effect"
      />
    </FormDialog>
  );
}
