export { diagnose } from "./diagnose.ts";
export type { Diagnosis, DoctorInput, Fix, Rule, Severity } from "./diagnosis.ts";
export { type Fixed, fixSafe } from "./fix.ts";
export { formatDiagnoses } from "./format.ts";
export { rules } from "./rules/index.ts";
