import { Select, TextInput } from "@mantine/core";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Static, TObject } from "typebox";
import { call } from "../api/call.ts";
import { Once } from "./command.tsx";
import { type Form, useForm } from "./form.ts";
import { FormDialog } from "./form-dialog.tsx";

/** What the form of every key has: days that it is valid, as text; empty for ever. */
export interface KeyValues {
  name: string;
  life: string;
}

export interface NewKeyDialogProps<Schema extends TObject> {
  title: string;
  schema: Schema;
  initial: Static<Schema> & KeyValues;
  /** Path of the API that makes one, and the query that lists them. */
  path: string;
  queryKey: QueryKey;
  /** What the API is sent. */
  body: (values: Static<Schema>) => object;
  /** Whether a key may be valid for ever. @default true */
  endless?: boolean;
  /** What a key may do: fields between its name and its end. */
  children: (form: Form<Static<Schema>>) => ReactNode;
  /** How it is used, beside the key. */
  use?: ReactNode;
  onClose: () => void;
}

/** Makes a key of whatever kind and shows it once. */
export function NewKeyDialog<Schema extends TObject>(props: NewKeyDialogProps<Schema>) {
  const { title, schema, initial, path, queryKey, body, endless = true, children, use, onClose } = props;
  const client = useQueryClient();
  const [made, setMade] = useState<{ key: string; name: string }>();
  const form = useForm(schema, initial, async (values) => {
    setMade(await call(path, { method: "POST", body: body(values) }));
    await client.invalidateQueries({ queryKey });
  });
  return (
    <FormDialog
      title={made?.name ?? title}
      form={form}
      action="Create key"
      onClose={onClose}
      made={
        made && (
          <>
            <p>Copy it now: it is not stored and cannot be shown again.</p>
            <Once value={made.key} label="Copy the key" />
            {use}
          </>
        )
      }
    >
      <TextInput label="Name" description="What uses it." data-autofocus required {...form.field("name")} />
      {children(form)}
      <Select
        label="Valid for"
        data={endless ? [...lives, { value: "", label: "Until it is revoked" }] : lives}
        value={form.field("life").value}
        onChange={(next) => form.field("life").onChange({ currentTarget: { value: next ?? "" } })}
        allowDeselect={false}
      />
    </FormDialog>
  );
}

const lives = [
  { value: "1", label: "A day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
];
