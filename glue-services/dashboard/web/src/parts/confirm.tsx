import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Failure } from "./answers.tsx";
import { Command } from "./command.tsx";
import { Dialog } from "./dialog.tsx";

export interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What happens, what goes and what stays. */
  children: ReactNode;
  /** The button's word. */
  action: string;
  /** Must be typed before a thing that cannot be undone is done. */
  name?: string;
  /** The same on the command line. */
  command?: string;
  run: () => Promise<unknown>;
  danger?: boolean;
}

/** Asks before an action that cannot be undone, and keeps its failure in sight. */
export function Confirm({ opened, onClose, title, children, action, name, command, run, danger }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const close = () => {
    setTyped("");
    setError(undefined);
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={title} transitionProps={{ duration: 100 }}>
      <form
        className="stack"
        onSubmit={async (event) => {
          event.preventDefault();
          setBusy(true);
          setError(undefined);
          try {
            await run();
            close();
          } catch (failure) {
            setError(failure as Error);
          } finally {
            setBusy(false);
          }
        }}
      >
        <div>{children}</div>
        {name !== undefined && (
          <TextInput
            label={
              <>
                Type <strong>{name}</strong> to confirm
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error && <Failure error={error} />}
        {command && <Command label="Same as">{command}</Command>}
        <div className="row end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={busy}
            {...(danger && { color: "red" })}
            disabled={name !== undefined && typed !== name}
          >
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
