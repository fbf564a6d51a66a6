/**
 * Names of fields whose value never reaches a log, whatever their case, their dashes and how deep they are: those that end
 * with one of these words, such as `x-api-key` and `sessionToken`, and not those that only have one in them, such as
 * `tokenUrl` and `inputTokens`.
 */
const secretName =
  /(?:authorization|cookie|password|passwd|pwd|passphrase|token|secret|apikey|accesskey|privatekey|secretkey|signingkey|credentials?|connectionstring|databaseurl|dsn)$/;

/** What looks like a secret wherever it stands: a password in an address, a bearer's token, a key by its known beginning. */
const secretValue = new RegExp(
  [
    // scheme://user:password@host
    "(?<=\\b[a-z][a-z0-9+.-]{0,30}://[^\\s/:@]{0,200}:)[^\\s/@]{1,500}(?=@)",
    "(?<=\\b(?:bearer|basic) )[A-Za-z0-9+/=._~-]{12,}",
    "\\b(?:dfk|dfv|dfs)_[A-Za-z0-9_.-]{8,}",
    "\\bsk-[A-Za-z0-9_-]{16,}",
    "\\b(?:gh[pousr]|github_pat|glpat|xox[abprs])[_-][A-Za-z0-9_-]{10,}",
    "\\bA(?:KIA|SIA)[A-Z0-9]{16}\\b",
    "\\bops_eyJ[A-Za-z0-9_-]{20,}",
    // A bound for the head, since many may seem to begin where none has a dot.
    "\\beyJ[A-Za-z0-9_-]{10,512}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*",
    "-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
  ].join("|"),
  "gi",
);

/** Without one of these no text has a secret in it; most lines of a log have none, and are looked through once. */
const suspicious = /:\/\/|bearer |basic |df[kvs]_|sk-|gh[pousr]_|github_pat|glpat|xox|a[ks]ia|eyj|-----begin/i;

/** A text with what looks like a secret cut out. */
export function redactText(text: string): string {
  return suspicious.test(text) ? text.replace(secretValue, "[redacted]") : text;
}

const depth = 8;

/**
 * A copy with secrets cut out. pino's own redaction needs every path written down, and looks for each of them in every
 * line; this looks at what is there.
 */
export function redact<Value>(value: Value, level = 0): Value {
  if (Array.isArray(value)) return (level > depth ? "[too deep]" : value.map((one) => redact(one, level + 1))) as Value;
  if (typeof value === "string") return redactText(value) as Value;
  if (!isRecord(value)) return value;
  if (level > depth) return "[too deep]" as Value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = isSecret(name) ? "[redacted]" : redact(value[name], level + 1);
  return copy as Value;
}

/** Objects of a class (an error, a request) have serializers of their own. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isSecret(name: string): boolean {
  const known = names.get(name);
  if (known !== undefined) return known;
  const plain = name.toLowerCase().replaceAll(/[_-]/g, "");
  const found = plain === "key" || secretName.test(plain);
  // Names of fields are few; those that clients choose must not fill the memory.
  if (names.size < 1000) names.set(name, found);
  return found;
}

const names = new Map<string, boolean>();
