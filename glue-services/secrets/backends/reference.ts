import { Unresolvable } from "./backend.ts";

/** Where a value is: `op://vault/item/[section/]field`, or `env:NAME` in the file of the platform's tier. */
export type Reference =
  | { scheme: "op"; vault: string; item: string; section: string | undefined; field: string }
  | { scheme: "env"; name: string };

/** Whether a text is meant as a reference rather than as a value. */
export function isReference(text: string): boolean {
  return /^(op:\/\/|env:)/.test(text);
}

/** @throws Unresolvable (malformed) */
export function parseReference(text: string): Reference {
  const name = /^env:([A-Z][A-Z0-9_]*)$/.exec(text)?.[1];
  if (name) return { scheme: "env", name };
  const parts = /^op:\/\/([^?]+)$/.exec(text)?.[1]?.split("/").map(decode) ?? [];
  const [vault, item, ...rest] = parts;
  const field = rest.at(-1);
  const whole = parts.every((part) => part !== undefined && part.trim() !== "" && !/\p{Cc}/u.test(part));
  if (!whole || !vault || !item || !field || rest.length > 2) {
    throw new Unresolvable("malformed", { reference: shown(text), why: "it is not a whole reference" });
  }
  return { scheme: "op", vault, item, section: rest.length === 2 ? rest[0] : undefined, field };
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
