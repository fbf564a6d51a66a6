export { type RunOptions, runProgram } from "./engine.ts";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.ts";
export {
  type Counts,
  EngineEvent,
  type EventError,
  type Operation,
  operations,
  type RunResult,
  Step,
} from "./events.ts";
export type { Goal } from "./goal.ts";
export type { ProgramBody } from "./in-process.ts";
export { LockHolder, readLock, withLock } from "./lock.ts";
export { openStore, restorePrevious, type StateStore, type StoreOptions } from "./store.ts";
