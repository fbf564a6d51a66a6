import { ActionIcon, Button, Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type Static, Type } from "typebox";
import { call } from "../../api/call.ts";
import { useForm } from "../../parts/form.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ModelSelect } from "../../parts/model-select.tsx";
import type { Route } from "./queries.ts";

/** `shares`: with the one above, by weight, instead of being tried after it. */
const Step = Type.Object({
  id: Type.Number(),
  model: Type.String({ minLength: 1 }),
  weight: Type.Number(),
  shares: Type.Boolean(),
});
const Wanted = Type.Object({
  name: Type.String({
    pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    description: "Letters, digits, dots, dashes and underscores, at most 64.",
  }),
  steps: Type.Array(Step, { minItems: 1 }),
  continues: Type.Boolean(),
});
type Step = Static<typeof Step>;

/** A name that programs ask for, and the models that answer, tried from the top. */
export function NewRoute({ route, onClose }: { route: Route | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const initial = { name: route?.name ?? "", steps: stepsOf(route), continues: route?.options?.cut === "continue" };
  const form = useForm(Wanted, initial, async ({ name, steps, continues }) => {
    const options = { ...route?.options, cut: continues ? ("continue" as const) : ("error" as const) };
    const body = { targets: targetsOf(steps), options };
    await call(`/api/ai/routes/${encodeURIComponent(name)}`, { method: "PUT", body });
    await client.invalidateQueries({ queryKey: ["ai"] });
    onClose();
  });
  const { steps } = form.values;
  const change = (id: number, more: Partial<Step>) =>
    form.set(
      "steps",
      steps.map((step) => (step.id === id ? { ...step, ...more } : step)),
    );
  const shared = steps.some(({ shares }) => shares);
  return (
    <FormDialog title={route ? `Route ${route.name}` : "New route"} form={form} action="Save" onClose={onClose}>
      <TextInput
        label="Name"
        placeholder="smart"
        required
        disabled={route !== undefined}
        data-autofocus
        {...form.field("name")}
      />
      <fieldset className="route-steps">
        <legend>Models, tried from the top</legend>
        {steps.map((step, at) => (
          <div key={step.id} className="route-step">
            {at > 0 && (
              <Select
                aria-label={`When model ${at + 1} is asked`}
                size="xs"
                data={[
                  { value: "then", label: "if those above fail" },
                  { value: "or", label: "shares calls with the one above" },
                ]}
                value={step.shares ? "or" : "then"}
                onChange={(next) => change(step.id, { shares: next === "or" })}
                allowDeselect={false}
              />
            )}
            <div className="row">
              <ModelSelect
                aria-label={`Model ${at + 1}`}
                className="grow"
                value={step.model}
                onChange={(model) => change(step.id, { model })}
                routes={false}
              />
              {shared && (
                <NumberInput
                  aria-label={`Weight of model ${at + 1}`}
                  w={80}
                  min={0}
                  max={1000}
                  value={step.weight}
                  onChange={(next) => change(step.id, { weight: Number(next) || 0 })}
                />
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove model ${at + 1}`}
                disabled={steps.length === 1}
                onClick={() =>
                  form.set(
                    "steps",
                    steps.filter(({ id }) => id !== step.id),
                  )
                }
              >
                <Icon name="close" size={14} />
              </ActionIcon>
            </div>
          </div>
        ))}
        {form.errors.steps && <p className="error-text">{form.errors.steps}</p>}
        <div className="row">
          <Button
            size="compact-xs"
            variant="default"
            disabled={steps.length >= 20}
            onClick={() => form.set("steps", [...steps, emptyStep(steps)])}
          >
            Add a fallback
          </Button>
        </div>
      </fieldset>
      <Checkbox
        label="Continue a broken stream with the next model"
        checked={form.values.continues}
        onChange={(event) => form.set("continues", event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

function emptyStep(steps: readonly Step[]): Step {
  return { id: 1 + Math.max(0, ...steps.map(({ id }) => id)), model: "", weight: 1, shares: false };
}

function stepsOf(route: Route | undefined): Step[] {
  const targets = [...(route?.targets ?? [])].sort((a, b) => (a.group ?? 0) - (b.group ?? 0));
  const steps = targets.map(({ model, weight = 1, group = 0 }, at) => {
    return { id: at, model, weight, shares: at > 0 && (targets[at - 1]?.group ?? 0) === group };
  });
  return steps.length > 0 ? steps : [emptyStep([])];
}

function targetsOf(steps: readonly Step[]): Route["targets"] {
  let group = -1;
  const targets: Route["targets"] = [];
  for (const { model, weight, shares } of steps) {
    if (model === "") continue;
    if (!shares || group < 0) group++;
    targets.push({ model, group, ...(weight !== 1 && { weight }) });
  }
  return targets;
}
