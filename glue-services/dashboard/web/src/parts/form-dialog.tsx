import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./answers.tsx";
import { Dialog } from "./dialog.tsx";
import type { Form } from "./form.ts";

export interface FormDialogProps {
  title: string;
  form: Pick<Form<unknown>, "submit" | "busy" | "failure">;
  /** The button's words. */
  action: string;
  onClose: () => void;
  /** The fields. */
  children: ReactNode;
  /** What was made and is shown this once, in place of the form; a click beside the window then does not close it. */
  made?: ReactNode;
}

/** A form in a window of its own. */
export function FormDialog({ title, form, action, onClose, children, made }: FormDialogProps) {
  return (
    <Dialog opened onClose={onClose} title={title} closeOnClickOutside={!made}>
      {made ? (
        <div className="stack made" tabIndex={-1} ref={takeFocus}>
          {made}
          <div className="row end">
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      ) : (
        <form className="stack" onSubmit={form.submit} noValidate>
          {children}
          {form.failure && <Failure error={form.failure} />}
          <div className="row end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.busy}>
              {action}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The button that had the focus has gone with the form. */
function takeFocus(made: HTMLElement | null): void {
  made?.focus({ preventScroll: true });
}
