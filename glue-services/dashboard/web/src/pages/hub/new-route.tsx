import { Checkbox, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import type { Route } from "./queries.ts";

const Wanted = Type.Object({
  name: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" }),
  targets: Type.String({ minLength: 3, pattern: "\\S/\\S" }),
  continues: Type.Boolean(),
});

/** A name that programs ask for, and the models that answer: a line a step, tried from the top. */
export function NewRoute({ route, onClose }: { route: Route | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const initial = { name: route?.name ?? "", targets: linesOf(route), continues: route?.options?.cut === "continue" };
  const form = useForm(Wanted, initial, async ({ name, targets, continues }) => {
    const options = { ...route?.options, cut: continues ? ("continue" as const) : ("error" as const) };
    const body = { targets: targetsOf(targets), options };
    await call(`/api/ai/routes/${encodeURIComponent(name)}`, { method: "PUT", body });
    await client.invalidateQueries({ queryKey: ["ai"] });
    onClose();
  });
  return (
    <FormDialog title={route ? `Route ${route.name}` : "New route"} form={form} action="Save" onClose={onClose}>
      <TextInput label="Name" placeholder="smart" required disabled={route !== undefined} {...form.field("name")} />
      <Textarea
        label="Models"
        description="A line a step; the next line is tried when one fails. Several in a line share calls: openai/gpt-5.1 ×3, azure/gpt-5.1"
        placeholder={"anthropic/claude-sonnet-4-5\nopenai/gpt-5.1"}
        autosize
        minRows={3}
        required
        data-autofocus
        {...form.field("targets")}
      />
      <Checkbox
        label="When a stream is cut, let the next model go on with it"
        checked={form.values.continues}
        onChange={(event) => form.set("continues", event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

function linesOf(route: Route | undefined): string {
  const groups = [...Map.groupBy(route?.targets ?? [], ({ group = 0 }) => group)].sort(([a], [b]) => a - b);
  return groups
    .map(([, members]) =>
      members.map(({ model, weight = 1 }) => (weight === 1 ? model : `${model} ×${weight}`)).join(", "),
    )
    .join("\n");
}

function targetsOf(text: string): Route["targets"] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line, group) =>
    line.split(",").flatMap((one) => {
      const [, model = "", weight] = /^\s*(\S+?)(?:\s*[×x*]\s*([\d.]+))?\s*$/.exec(one) ?? [];
      return model ? [{ model, group, ...(weight && { weight: Number(weight) }) }] : [];
    }),
  );
}
