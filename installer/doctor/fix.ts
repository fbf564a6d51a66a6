import type { Diagnosis } from "./diagnosis.ts";

export interface Fixed {
  id: string;
  title: string;
  command: string;
  done: boolean;
  /** What was done, or why it could not be. */
  result: string;
}

/** Runs the safe fixes one after the other, since one may be the ground of the next. */
export async function fixSafe(diagnoses: Diagnosis[], report: (fixed: Fixed) => void = () => {}): Promise<Fixed[]> {
  const all: Fixed[] = [];
  for (const { id, title, fix } of diagnoses) {
    if (!fix?.safe || !fix.run) continue;
    const outcome = await fix.run().then(
      (result) => ({ done: true, result }),
      (error: Error) => ({ done: false, result: error.message }),
    );
    const fixed = { id, title, command: fix.command, ...outcome };
    report(fixed);
    all.push(fixed);
  }
  return all;
}
