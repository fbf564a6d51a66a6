import type { ArtifactCache } from "../artifacts/index.ts";
import type { PreflightInput } from "../preflight/index.ts";
import type { Examination } from "./examination.ts";

/** error: something does not work; warning: it will not for long, or is at risk; info: worth knowing. */
export type Severity = "error" | "warning" | "info";

/** One thing that is not as it should be. */
export interface Diagnosis {
  /** Stable name of the rule that found it. */
  id: string;
  severity: Severity;
  /** What is wrong, in one sentence without a full stop. */
  title: string;
  /** Why it is so or what follows from it. */
  detail: string;
  /** Lines of logs, paths, numbers. */
  evidence: string[];
  fix?: Fix;
}

export interface Fix {
  /** What a person would type, or do in words. */
  command: string;
  /** It loses nothing and disturbs nothing that works, so `doctor --fix` may do it. */
  safe: boolean;
  /** Does it and says what was done, as one sentence. */
  run?: () => Promise<string>;
}

export interface DoctorInput extends PreflightInput {
  /** The programs of this machine; without it their files are not compared. */
  artifacts?: Pick<ArtifactCache, "list" | "verify">;
}

export interface Rule {
  id: string;
  /** It reads or computes much: it runs after the others, whose questions have time limits. */
  heavy?: boolean;
  run(examination: Examination, signal: AbortSignal): Promise<Diagnosis[]>;
}
