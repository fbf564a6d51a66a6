import { Button, Textarea } from "@mantine/core";
import type { KeyboardEvent } from "react";

export interface AskFormProps {
  /** Stands above the field; with `placeholder` it is only read out. */
  label: string;
  placeholder?: string;
  value: string;
  onChange: (next: string) => void;
  /** Called with a text that is not blank, and not while one is on its way. */
  onSend: () => void;
  /** The button's word. */
  action: string;
  /** What sends: Enter in a question of a line or two, Ctrl and Enter in a text of paragraphs. @default "enter" */
  sends?: "enter" | "ctrl-enter";
  busy: boolean;
  /** Puts an end to what is on its way: then there is a button for that. */
  onStop?: () => void;
  disabled?: boolean;
  className?: string;
  maxLength?: number;
  small?: boolean;
}

/** A text for a model or for people, sent by its button or by the keyboard. */
export function AskForm(props: AskFormProps) {
  const { label, placeholder, value, onChange, onSend, action, sends = "enter", busy, onStop } = props;
  const { disabled = false, className = "stack", maxLength, small = false } = props;
  const blocked = disabled || value.trim() === "";
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked && !busy) onSend();
      }}
    >
      <Textarea
        {...(placeholder ? { "aria-label": label, placeholder } : { label, description: keysOf(sends) })}
        autosize
        minRows={2}
        maxRows={10}
        {...(maxLength !== undefined && { maxLength })}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (!sendsBy(event, sends)) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="row end">
        {busy && onStop ? (
          <Button variant="default" onClick={onStop}>
            Stop
          </Button>
        ) : (
          <Button type="submit" loading={busy} disabled={blocked} {...(small && { size: "xs", variant: "default" })}>
            {action}
          </Button>
        )}
      </div>
    </form>
  );
}

function keysOf(sends: "enter" | "ctrl-enter"): string {
  return sends === "enter" ? "Enter sends it, Shift and Enter begin a line." : "Markdown. Ctrl and Enter sends it.";
}

/** Enter that ends a word of an input method (Japanese, Chinese, Korean) is for that word, not for the form. */
function sendsBy(event: KeyboardEvent, sends: "enter" | "ctrl-enter"): boolean {
  if (event.key !== "Enter" || event.nativeEvent.isComposing) return false;
  return sends === "enter" ? !event.shiftKey : event.ctrlKey || event.metaKey;
}
