import { Button, NumberInput, Popover, Switch } from "@mantine/core";
import type { ChatSettings } from "./use-chat.ts";

/** What a request says besides its messages. */
export function ChatOptions({
  options,
  onChange,
}: {
  options: ChatSettings;
  onChange: (options: ChatSettings) => void;
}) {
  const { temperature, maxTokens, json } = options;
  const set = [temperature, maxTokens, json || undefined].filter((one) => one !== undefined).length;
  const number = (value: number | string) => (value === "" ? undefined : Number(value));
  return (
    <Popover position="bottom-start" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button size="xs" variant="default">
          Parameters{set > 0 && ` (${set})`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Parameters">
        <div className="stack">
          <NumberInput
            label="Temperature"
            description="0 to 2. Empty: the model’s own."
            size="xs"
            min={0}
            max={2}
            step={0.1}
            value={temperature ?? ""}
            onChange={(value) => onChange({ ...options, temperature: number(value) })}
          />
          <NumberInput
            label="Max tokens"
            description="Of the answer. Empty: the model’s own."
            size="xs"
            min={1}
            step={100}
            allowDecimal={false}
            value={maxTokens ?? ""}
            onChange={(value) => onChange({ ...options, maxTokens: number(value) })}
          />
          <Switch
            label="JSON mode"
            checked={json}
            onChange={(event) => onChange({ ...options, json: event.currentTarget.checked })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
