/** Names of fields whose value never reaches a log, whatever their case and however deep they are. */
const secret = new Set(
  [
    "authorization",
    "cookie",
    "set-cookie",
    "password",
    "passphrase",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "secret",
    "client_secret",
    "key",
    "api_key",
    "private_key",
    "credentials",
    "connection_string",
    "database_url",
  ].map(plain),
);

const depth = 8;

/**
 * A copy with secrets cut out. pino's own redaction needs every path written down, and looks for each of them in every
 * line; this looks at what is there.
 */
export function redact<Value>(value: Value, level = 0): Value {
  if (Array.isArray(value)) return level > depth ? value : (value.map((one) => redact(one, level + 1)) as Value);
  if (!isRecord(value)) return value;
  if (level > depth) return "[too deep]" as Value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = secret.has(plain(name)) ? "[redacted]" : redact(value[name], level + 1);
  return copy as Value;
}

/** Objects of a class (an error, a request) have serializers of their own. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}
