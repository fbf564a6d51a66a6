import { type From, redact, type Source } from "../stacks/config/index.ts";

/** A setting in force and where it comes from, fit to be shown. */
export interface Explained {
  path: string;
  /** null when an optional setting is not set. */
  value: unknown;
  from: From;
  where: string;
}

export function explained(path: string, { value, from, where }: Source): Explained {
  return { path, value: redact(value, path.slice(path.lastIndexOf(".") + 1)) ?? null, from, where };
}
