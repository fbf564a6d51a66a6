import { Button, Fieldset, JsonInput, Select, Textarea, TextInput } from "@mantine/core";
import { type Draft, emptyOf, type Field, join, type Problems } from "./arguments.ts";

interface FieldProps {
  field: Field;
  draft: Draft;
  /** Its place among the arguments. */
  at: string;
  problems: Problems;
  onChange(next: Draft): void;
}

/** The fields of a group, each under the other. */
export function ArgumentFields({
  field,
  draft,
  at,
  problems,
  onChange,
}: FieldProps & { field: Field & { is: "group" } }) {
  const inner = (typeof draft === "object" && !Array.isArray(draft) ? draft : {}) as Record<string, Draft>;
  return field.fields.map((one) => (
    <ArgumentField
      key={one.name}
      field={one}
      draft={inner[one.name]}
      at={join(at, one.name)}
      problems={problems}
      onChange={(next) => onChange({ ...inner, [one.name]: next })}
    />
  ));
}

function ArgumentField({ field, draft, at, problems, onChange }: FieldProps) {
  const common = {
    label: field.label,
    description: field.description,
    withAsterisk: field.required,
    error: problems[at],
  };
  const text = typeof draft === "string" ? draft : "";
  switch (field.is) {
    case "group":
      return (
        <Fieldset legend={field.label}>
          <div className="stack">
            {field.description && <p className="quiet">{field.description}</p>}
            <ArgumentFields {...{ field, draft, at, problems, onChange }} />
          </div>
        </Fieldset>
      );
    case "list":
      return <ArgumentList {...{ field, draft, at, problems, onChange }} />;
    case "yes-no":
      return (
        <Select
          {...common}
          data={[
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          value={draft === undefined ? null : String(draft)}
          onChange={(next) => onChange(next === null ? undefined : next === "true")}
          placeholder="Not given"
          clearable
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={field.values.map((value) => ({ value: JSON.stringify(value), label: String(value) }))}
          value={text === "" ? null : text}
          onChange={(next) => onChange(next ?? undefined)}
          placeholder="Not given"
          clearable={!field.required}
        />
      );
    case "json":
      return <JsonInput {...common} value={text} onChange={onChange} minRows={2} autosize />;
    case "number":
      return (
        <TextInput
          {...common}
          inputMode={field.whole ? "numeric" : "decimal"}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return field.long ? (
        <Textarea
          {...common}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          minRows={2}
          autosize
        />
      ) : (
        <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
      );
  }
}

function ArgumentList({ field, draft, at, problems, onChange }: FieldProps & { field: Field & { is: "list" } }) {
  const items = Array.isArray(draft) ? draft : [];
  return (
    <Fieldset legend={field.label}>
      <div className="stack">
        {field.description && <p className="quiet">{field.description}</p>}
        {items.map((item, index) => (
          // Items have no names but their places.
          <div key={index} className="stack">
            <ArgumentField
              field={{ ...field.item, label: `${field.label} ${index + 1}` }}
              draft={item}
              at={join(at, String(index))}
              problems={problems}
              onChange={(next) => onChange(items.map((one, other) => (other === index ? next : one)))}
            />
            <div className="row end">
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => onChange(items.filter((_, other) => other !== index))}
                aria-label={`Remove ${field.label} ${index + 1}`}
              >
                Remove
              </Button>
            </div>
          </div>
        ))}
        <div className="row">
          <Button size="xs" variant="default" onClick={() => onChange([...items, emptyOf(field.item)])}>
            Add to {field.label}
          </Button>
        </div>
      </div>
    </Fieldset>
  );
}
