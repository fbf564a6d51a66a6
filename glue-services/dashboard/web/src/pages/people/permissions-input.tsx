import { TagsInput } from "@mantine/core";

const usual = ["*:read", "*:write", "*:run", "people:manage", "keys:write", "roles:manage", "audit:view"];

/** Permissions as words; the API refuses those that the person does not hold. */
export function PermissionsInput({
  value,
  onChange,
  error,
}: {
  value: string[];
  onChange: (next: string[]) => void;
  error: string | undefined;
}) {
  return (
    <TagsInput
      label="Permissions"
      description="resource:action, where * stands for every one. You cannot hand on more than you hold."
      data={usual}
      value={value}
      onChange={onChange}
      error={error}
      acceptValueOnBlur
    />
  );
}
