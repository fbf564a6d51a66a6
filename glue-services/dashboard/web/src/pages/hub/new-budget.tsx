import { NumberInput, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { levels, periods, units } from "../../../../../ai-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { budgetsQuery } from "./queries.ts";
import { useSubjects } from "./subjects.ts";

const Wanted = Type.Object({
  level: Type.String(),
  subject: Type.String(),
  model: Type.String({ maxLength: 200 }),
  unit: Type.String(),
  amount: Type.Number({ minimum: 0 }),
  period: Type.String(),
});
const words: Record<string, string> = {
  minute: "a minute",
  hour: "an hour",
  day: "a day",
  month: "a month",
  ever: "in all",
  money: "dollars",
};

export function NewBudget({ onClose }: { onClose: () => void }) {
  const subjects = useSubjects();
  const client = useQueryClient();
  const initial = { level: "organisation", subject: "", model: "", unit: "money", amount: 10, period: "month" };
  const form = useForm(Wanted, initial, async ({ subject, model, ...rest }) => {
    const body = { ...rest, ...(rest.level !== "organisation" && { subject }), ...(model && { model }) };
    await call("/api/ai/budgets", { method: "PUT", body });
    await client.invalidateQueries({ queryKey: budgetsQuery.queryKey });
    onClose();
  });
  const { level, unit } = form.values;
  const choices = subjects.choices(level);
  return (
    <FormDialog title="New budget" form={form} action="Save" onClose={onClose}>
      <Select
        label="Applies to"
        data={[...levels]}
        value={level}
        onChange={(next) => {
          form.set("level", next ?? "organisation");
          form.set("subject", "");
        }}
        allowDeselect={false}
        data-autofocus
      />
      {level !== "organisation" &&
        (choices ? (
          <Select
            label={level[0]?.toUpperCase() + level.slice(1)}
            required
            searchable
            nothingFoundMessage={`No ${level} of this name`}
            data={choices}
            value={form.values.subject || null}
            onChange={(next) => form.set("subject", next ?? "")}
          />
        ) : (
          // Whoever may not list them can still name one.
          <TextInput label={`Id of the ${level}`} required {...form.field("subject")} />
        ))}
      <Select
        label="Unit"
        data={units.map((value) => ({ value, label: words[value] ?? value }))}
        value={unit}
        onChange={(next) => form.set("unit", next ?? "money")}
        allowDeselect={false}
      />
      <NumberInput
        label="Limit"
        min={0}
        thousandSeparator=","
        {...(unit === "money" && { prefix: "$" })}
        value={form.values.amount}
        onChange={(next) => form.set("amount", Number(next) || 0)}
      />
      <Select
        label="In"
        data={periods.map((value) => ({ value, label: words[value] ?? value }))}
        value={form.values.period}
        onChange={(next) => form.set("period", next ?? "month")}
        allowDeselect={false}
      />
      <TextInput label="Model or route" description="Empty: all." placeholder="smart" {...form.field("model")} />
    </FormDialog>
  );
}
