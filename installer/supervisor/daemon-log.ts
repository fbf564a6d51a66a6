import { appendFileSync } from "node:fs";

/** Writes lines with their time to the supervisor's own log. Never fails: a full disk must not take the supervisor down. */
export function daemonLog(file: string): (line: string) => void {
  return (line) => {
    try {
      appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
    } catch {
      // Nowhere is left to say it.
    }
  };
}
