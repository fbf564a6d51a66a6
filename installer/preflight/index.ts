export type { Check, CheckInput, Finding, Needs, PreflightInput } from "./check.ts";
export { CheckResult } from "./check.ts";
export { checks } from "./checks/index.ts";
export type { Facts } from "./facts.ts";
export { formatChecks, formatPreflight } from "./format.ts";
export { machineFacts } from "./machine/index.ts";
export { preflight } from "./run.ts";
