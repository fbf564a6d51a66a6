import { createContext, Script } from "node:vm";

const context = createContext({ work: undefined });
const script = new Script("work()");

/**
 * Runs work whose length a caller chose, and ends it when it takes too long: this process answers everybody.
 *
 * @param work does not wait for anything
 * @param late what is thrown then
 */
export function withinTime<Result>(ms: number, work: () => Result, late: () => Error): Result {
  context.work = work;
  try {
    return script.runInContext(context, { timeout: ms }) as Result;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw late();
    throw error;
  } finally {
    context.work = undefined;
  }
}
