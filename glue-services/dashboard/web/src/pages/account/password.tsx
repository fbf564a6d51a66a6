import { Button, PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { useMe } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { useForm } from "../../parts/form.ts";

/** The API judges strength with a reason; the length is told as one types. */
const Change = Type.Object({
  current: Type.String({ minLength: 1, maxLength: 1024 }),
  next: Type.String({ minLength: 12, maxLength: 1024 }),
});

export function Password() {
  const me = useMe();
  const form = useForm(Change, { current: "", next: "" }, async (body) => {
    await call("/api/identity/me/password", { method: "PUT", body, replacesSession: true });
    form.set("current", "");
    form.set("next", "");
    notifications.show({ title: "Password changed", message: "All your other sessions have ended." });
  });
  return (
    <form className="stack narrow" onSubmit={form.submit} noValidate>
      <input type="hidden" autoComplete="username" value={me?.email ?? ""} readOnly />
      <PasswordInput label="Current password" autoComplete="current-password" {...form.field("current")} />
      <PasswordInput
        label="New password"
        description="At least 12 characters. Four or five unrelated words do well."
        autoComplete="new-password"
        {...form.field("next")}
      />
      {form.failure && <Failure error={form.failure} />}
      <div className="row">
        <Button type="submit" size="xs" loading={form.busy}>
          Change the password
        </Button>
      </div>
    </form>
  );
}
