import { type Static, Type } from "typebox";
import { processStart } from "../engine/process-start.ts";

/** A process that cannot be mistaken for a later one with the same number. */
export const ProcessIdentity = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  /** When it began, in words that are only ever compared. */
  started: Type.String(),
});
export type ProcessIdentity = Static<typeof ProcessIdentity>;

export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = await processStart(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while that very process runs; a zombie does not. */
export async function alive({ pid, started }: ProcessIdentity): Promise<boolean> {
  return (await processStart(pid)) === started;
}
