/** A resource as a rule sees it: what the program asks for. */
export interface Resource {
  type: string;
  name: string;
  urn: string;
  inputs: Record<string, unknown>;
  /** By input, the resources that its value comes from. */
  dependencies?: Record<string, string[]>;
}

export interface Finding {
  rule: string;
  urn: string;
  /** What is wrong and what to do, one sentence. */
  message: string;
}

/** Something every stack promises. A rule looks at each resource by itself, or at all of them together. */
export interface Rule {
  name: string;
  description: string;
  /** True for one that a stack's settings may switch off: the installer asks it where they do not. @default false */
  optional?: boolean;
  each?: (resource: Resource) => string[];
  all?: (resources: Resource[]) => Pick<Finding, "urn" | "message">[];
}

/** A value inside of inputs, or undefined: `at(inputs, "spec", "template")`. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === "object" && node !== null ? (node as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
