import { memo, type ReactNode } from "react";
import { type LogLine, shortFields } from "../../../../../platform/logs/line.ts";
import { Marked } from "../../parts/marked.tsx";
import { absolute } from "../../parts/relative.ts";

const words = { error: "Error", warn: "Warn", info: "Info", debug: "Debug" } as const;

interface Props {
  line: LogLine;
  /** What to mark. */
  marked: string;
  open: boolean;
  onToggle: (open: boolean) => void;
}

/** One line: its time in the viewer's zone, level and message; a click unfolds the fields that a line of JSON has. */
export const LogRow = memo(function LogRow({ line, marked, open, onToggle }: Props) {
  const { message, fields } = line;
  const hasFields = fields && Object.keys(fields).length > 0;
  if (!hasFields) {
    const known = line.at !== undefined || line.level !== undefined;
    return (
      <div className="log-cells">
        {known && <Head line={line} />}
        <span className={known ? undefined : "log-whole"}>
          <Marked text={message} words={marked} />
        </span>
      </div>
    );
  }
  return (
    <details open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary className="log-cells">
        <Head line={line} />
        <span>
          <Marked text={message} words={marked} />{" "}
          <span className="log-short">
            <Marked text={shortFields(fields)} words={marked} />
          </span>
        </span>
      </summary>
      {open && <Fields fields={fields} marked={marked} />}
    </details>
  );
});

function Head({ line: { at, level } }: { line: LogLine }) {
  return (
    <>
      {at === undefined ? (
        <span />
      ) : (
        <time className="log-time" dateTime={new Date(at).toISOString()} title={absolute(new Date(at))}>
          {clock(new Date(at))}
        </time>
      )}
      <span className="log-level">{level && words[level]}</span>
    </>
  );
}

/** Fields of an object, one a row; what is nested is folded. */
function Fields({ fields, marked }: { fields: Record<string, unknown>; marked: string }) {
  return (
    <dl className="log-fields">
      {Object.entries(fields).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{shownValue(value, marked)}</dd>
        </div>
      ))}
    </dl>
  );
}

function shownValue(value: unknown, marked: string): ReactNode {
  if (typeof value === "object" && value !== null) {
    const count = Object.keys(value).length;
    if (count === 0) return Array.isArray(value) ? "[]" : "{}";
    return (
      <details>
        <summary>{Array.isArray(value) ? `${count} entries` : `${count} fields`}</summary>
        <Fields fields={value as Record<string, unknown>} marked={marked} />
      </details>
    );
  }
  return <Marked text={typeof value === "string" ? value : String(value)} words={marked} />;
}

const today = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const earlier = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" });

/** The time of today, with the day before it for other days. */
function clock(at: Date): string {
  const time = `${today.format(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return at.toDateString() === new Date().toDateString() ? time : `${earlier.format(at)} ${time}`;
}
