/** A place that values are read from by reference, when they are needed. */
export interface Backend {
  readonly name: BackendName;
  /**
   * The value that the reference names.
   *
   * @throws Unresolvable naming the reference, the backend and what to do; never a value, never a credential
   */
  read(reference: string, signal?: AbortSignal): Promise<string>;
}

export const backendNames = ["env-file", "1password-sdk", "1password-connect", "1password-op"] as const;
export type BackendName = (typeof backendNames)[number];

/** Milliseconds that one question to a backend may take. */
export const patience = 10_000;

/**
 * malformed: it is no reference; missing: there is no such vault, item, field or name; denied: the backend does not let
 * us; unreachable: the backend does not answer, or is not there.
 */
export type Reason = "malformed" | "missing" | "denied" | "unreachable";

/** A reference that gave no value. Its message never holds a value or a credential. */
export class Unresolvable extends Error {
  readonly reference: string;
  readonly backend: BackendName | undefined;
  readonly reason: Reason;
  /** What to do about it. */
  readonly hint: string;

  constructor(
    reason: Reason,
    { reference, backend, why, hint }: { reference: string; backend?: BackendName; why: string; hint?: string },
  ) {
    super(`${reference} could not be read${backend ? ` from ${titles[backend]}` : ""}: ${why}.`);
    this.name = "Unresolvable";
    this.reference = reference;
    this.backend = backend;
    this.reason = reason;
    this.hint = hint ?? hints[reason];
  }
}

export const titles: Record<BackendName, string> = {
  "env-file": "the .env file",
  "1password-sdk": "1Password (service account)",
  "1password-connect": "1Password Connect",
  "1password-op": "1Password (the program op)",
};

const hints: Record<Reason, string> = {
  malformed: "Write op://vault/item/field, op://vault/item/section/field, or env:NAME.",
  missing: "Check the names of vault, item and field; they are compared without regard to case.",
  denied: "Give the token access to the vault, or set a new one with `./devflow secrets set`.",
  unreachable: "Check the address and that the backend runs; `./devflow secrets doctor` asks it again.",
};

/** What was thrown, as the reason why a backend could not be asked. */
export function unreachable(backend: BackendName, reference: string, error: unknown): Unresolvable {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  const late = name === "TimeoutError" || name === "AbortError";
  const why = late ? "no answer in time" : (cause?.code ?? code ?? "it cannot be reached");
  return new Unresolvable("unreachable", { reference, backend, why });
}
