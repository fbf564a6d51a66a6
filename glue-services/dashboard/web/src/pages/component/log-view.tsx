import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Marked } from "../../parts/marked.tsx";
import { scrollable } from "../../parts/scrollable.ts";
import { LogRow } from "./log-row.tsx";
import type { OlderMatches } from "./logs.tsx";
import type { Line } from "./use-log.ts";

interface Props {
  label: string;
  lines: readonly Line[];
  /** What to mark. */
  words: string;
  before: OlderMatches | undefined;
  nothing: string;
}

/** Lines of a log, only those in sight in the page. It stays at the end until somebody scrolls up. */
export function LogView({ label, lines, words, before, nothing }: Props) {
  const box = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 20,
    overscan: 20,
    getItemKey: (index) => lines[index]?.n ?? index,
  });
  useEffect(() => {
    if (atEnd && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines, atEnd]);

  // Rows that are measured move the end away; only somebody who scrolls up wants to stay where they are.
  const top = useRef(0);
  const scrolled = (at: HTMLElement) => {
    const near = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
    if (near) setAtEnd(true);
    else if (at.scrollTop < top.current - 2) setAtEnd(false);
    top.current = at.scrollTop;
  };

  return (
    <div className="log-frame">
      <section
        className="log"
        {...scrollable}
        ref={box}
        aria-label={label}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
      >
        {before && before.lines.length > lines.length && (
          <details className="log-older">
            <summary>{before.found - lines.length} older matches</summary>
            {before.lines.slice(0, before.lines.length - lines.length).map((text, at) => (
              <div key={`${at} ${text}`} className="log-line">
                <Marked text={text} words={words} />
              </div>
            ))}
          </details>
        )}
        {lines.length === 0 && <p className="nothing">{nothing}</p>}
        <div className="log-lines" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtualizer.measureElement}
                className={`log-line${line.parsed.level ? ` log-${line.parsed.level}` : ""}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogRow
                  line={line.parsed}
                  marked={words}
                  open={open.has(line.n)}
                  onToggle={(shown) => {
                    if (shown) setAtEnd(false);
                    setOpen((before) => toggled(before, line.n, shown));
                  }}
                />
              </div>
            );
          })}
        </div>
      </section>
      {!atEnd && (
        <button type="button" className="log-end" onClick={() => setAtEnd(true)}>
          To the end
        </button>
      )}
    </div>
  );
}

function toggled(before: ReadonlySet<number>, n: number, open: boolean): ReadonlySet<number> {
  if (before.has(n) === open) return before;
  const after = new Set(before);
  if (open) after.add(n);
  else after.delete(n);
  return after;
}
