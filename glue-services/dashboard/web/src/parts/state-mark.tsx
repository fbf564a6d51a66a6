/** Good, busy, waiting for somebody, bad, or nothing to say: what a state's shape and colour tell besides its word. */
export type Tone = "good" | "busy" | "idle" | "warn" | "bad" | "none";

const tones: Record<string, Tone> = {
  ready: "good",
  starting: "busy",
  preparing: "busy",
  waiting: "idle",
  degraded: "warn",
  unready: "warn",
  failed: "bad",
  failing: "warn",
  backoff: "bad",
  crashloop: "bad",
  stopped: "idle",
  stopping: "busy",
  unknown: "none",
  running: "busy",
  succeeded: "good",
  done: "good",
  unchanged: "idle",
  interrupted: "warn",
  skipped: "warn",
  active: "good",
  archived: "idle",
  deleting: "busy",
  "given-up": "warn",
  expired: "idle",
  revoked: "idle",
  disabled: "idle",
  off: "idle",
  pending: "warn",
  approved: "good",
  used: "idle",
  denied: "bad",
  allow: "good",
  approve: "warn",
  deny: "bad",
  error: "bad",
  unreachable: "bad",
  answers: "good",
  missing: "warn",
  refused: "bad",
  reading: "busy",
  incomplete: "warn",
  cancelled: "warn",
  empty: "idle",
};

const shapes: Record<Tone, React.ReactNode> = {
  good: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  busy: (
    <>
      <circle cx="5" cy="5" r="3.500" fill="none" stroke="currentColor" strokeWidth="1.500" opacity="0.350" />
      <path
        d="M5 1.500A3.500 3.500 0 0 1 8.500 5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.500"
        strokeLinecap="round"
      />
    </>
  ),
  idle: <circle cx="5" cy="5" r="3.300" fill="none" stroke="currentColor" strokeWidth="1.500" />,
  warn: <path d="M5 .800 9.500 9H.500z" fill="currentColor" />,
  bad: <rect x="1" y="1" width="8" height="8" rx="1" fill="currentColor" />,
  none: <path d="M1.500 5h7" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" />,
};

export function toneOf(state: string): Tone {
  return tones[state] ?? "none";
}

/** A shape in the state's colour, and the word. */
export function StateMark({ state, label, quiet }: { state: string; label?: string; quiet?: boolean }) {
  const tone = toneOf(state);
  return (
    <span className={`state state-${tone}`}>
      <svg
        width="10"
        height="10"
        viewBox="0 0 10 10"
        aria-hidden="true"
        className={tone === "busy" ? "turns" : undefined}
      >
        {shapes[tone]}
      </svg>
      <span className={quiet ? "visually-hidden" : undefined}>{label ?? state}</span>
    </span>
  );
}
