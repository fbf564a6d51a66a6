export type { KnownProcess, PutResult, SupervisorEvent, SupervisorVersion, WaitResult } from "./api.ts";
export { connect, type SupervisorClient } from "./connection.ts";
export { ensureRunning } from "./launch.ts";
export { createProcesses } from "./processes.ts";
