/** A letter, digit, `-`, `_` or `.` of a name in 1Password, as it is or percent-encoded. */
const letter = "(?:[A-Za-z0-9_.-]|%(?:2[dDeE]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[fF]))";
const space = "(?: |%20)";
const name = `${space}*${letter}(?:${letter}|${space})*`;

/** Where a secret is, never the secret: `env:NAME` or `op://vault/item/field`, as the secrets service reads them. */
export const referencePattern = `^(env:[A-Z][A-Z0-9_]*|[oO][pP]://${name}/${name}(/${name}){1,2}(\\?[aA][tT][tT][rR]([iI][bB][uU][tT][eE])?=[oO][tT][pP])?)$`;
