import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { Icon } from "./icon.tsx";

/** A command for the terminal, with a button that copies it. */
export function Command({ children, label }: { children: string; label?: string }) {
  return (
    <span className="command">
      {label && <span className="quiet">{label}</span>}
      <code>{children}</code>
      <Copy value={children} label={`Copy ${children}`} />
    </span>
  );
}

/** A value that is shown this once, to copy. */
export function Once({ value, label }: { value: string; label: string }) {
  return (
    <div className="once">
      <code>{value}</code>
      <Copy value={value} label={label} />
    </div>
  );
}

export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy"} withArrow={false}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={copied ? "Copied" : label}>
            <Icon name={copied ? "check" : "copy"} size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
