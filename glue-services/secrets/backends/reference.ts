import { Unresolvable } from "./backend.ts";

/** Where a value is: `op://vault/item/[section/]field`, or `env:NAME` in the file of the platform's tier. */
export type Reference = OpReference | { scheme: "env"; name: string };

export interface OpReference {
  scheme: "op";
  vault: string;
  item: string;
  section: string | undefined;
  field: string;
  /** Whether the present one-time password is meant instead of what the field holds. */
  otp: boolean;
}

/** Whether a text is meant as a reference rather than as a value. */
export function isReference(text: string): boolean {
  return /^(op:\/\/|env:)/i.test(text);
}

/**
 * Reads a reference by the rules that 1Password gives for its own, whichever backend answers it: letters, digits, `-`,
 * `_`, `.` and spaces in any case, as they are or percent-encoded, and `?attribute=otp`.
 * https://developer.1password.com/docs/cli/secret-reference-syntax
 *
 * @throws Unresolvable (malformed)
 */
export function parseReference(text: string): Reference {
  const name = /^env:([A-Z][A-Z0-9_]*)$/.exec(text)?.[1];
  if (name) return { scheme: "env", name };
  const refuse = (why: string, hint?: string) =>
    new Unresolvable("malformed", { reference: shown(text), why, ...(hint && { hint }) });
  const [, path, query] = /^op:\/\/([^?]*)(?:\?(.*))?$/is.exec(text) ?? [];
  const parts = (path ?? "").split("/").map(decode);
  const [vault, item, ...rest] = parts;
  const field = rest.at(-1);
  if (!vault || !item || !field || rest.length > 2 || parts.some((part) => !part || part.trim() === "")) {
    throw refuse("it is not a whole reference");
  }
  if (parts.some((part) => !/^[A-Za-z0-9 _.-]+$/.test(part ?? ""))) {
    throw refuse(
      "a name in it has a character that 1Password reads in none of its references",
      "Write the id in place of the name; 1Password shows it as the item's private link or UUID.",
    );
  }
  if (query !== undefined && !/^attr(ibute)?=otp$/i.test(query)) {
    throw refuse("only ?attribute=otp may follow the field");
  }
  const section = rest.length === 2 ? rest[0] : undefined;
  return { scheme: "op", vault, item, section, field, otp: query !== undefined };
}

/** The one way to write a reference that every program of 1Password reads. */
export function formatReference({ vault, item, section, field, otp }: OpReference): string {
  const parts = [vault, item, ...(section === undefined ? [] : [section]), field];
  return `op://${parts.join("/")}${otp ? "?attribute=otp" : ""}`;
}

/** What was meant as a reference and is none may be a value that stands in the wrong place. */
function shown(text: string): string {
  return isReference(text) ? text : "What was given";
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
