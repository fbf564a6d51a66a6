import type { ServerGiven } from "./schemas.ts";

/** Keeps a value under a name like this one; answers the name that it has. */
export type Keep = (name: string, value: string) => string;

/** Words of a name whose value is a secret. */
const words =
  /(^|_)(authorization|auth|token|key|apikey|accesskey|secretkey|authtoken|secret|password|passwd|pwd|passphrase|credentials?|cookie|session|signature|dsn|pat|jwt|bearer|database_url|connection_string)s?(_|$)/;
/** Parts of a name that say so wherever they stand. */
const parts = /password|passwd|secret|token|apikey|credential/;
/** How tokens of well-known services begin. */
const beginnings =
  /^(sk|pk|rk|ghp|gho|ghs|ghu|ghr|github_pat|glpat|xox[a-z]|xapp|dfk|dfo|hf|npm|pypi|shp\w+|lin_api|ntn|secret|whsec|figd|tvly|pat|key|phc|phx|re|sq0\w+|dop_v1|SG|EAA\w+)[-_.]\S{8,}$|^(AKIA|ASIA|AIza|ya29\.|eyJ)\S{8,}$/;
const scheme = /^(Bearer|Basic|Token|ApiKey|Digest) +(?=\S)/i;

/** Whether a value should not be seen by whoever may read the list of servers. */
export function looksSecret(name: string, value: string): boolean {
  if (value === "") return false;
  const plain = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");
  return words.test(plain) || parts.test(plain) || isToken(value);
}

function isToken(value: string): boolean {
  if (scheme.test(value) || beginnings.test(value) || value.includes("-----BEGIN ")) return true;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]+@/i.test(value)) return true;
  if (/^[0-9a-f]{32,}$/i.test(value)) return true;
  return /^[\w+=~-]{24,}$/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
}

/**
 * A server with every value in it that looks like a secret replaced by the secret's name: headers, the environment, an
 * address and arguments of a program. In the last two `$(NAME)` stands where the value was.
 */
export function replaceSecrets(server: ServerGiven, keep: Keep): ServerGiven {
  const nameOf = (field: string) =>
    `${server.name}_${field}`
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replace(/^(?=\d)/, "_")
      .replace(/_+$/, "")
      .slice(0, 100);
  const put = (field: string, value: string) => `$(${keep(nameOf(field), value)})`;
  const all = (given: ServerGiven["headers"]) =>
    given &&
    Object.fromEntries(
      Object.entries(given).map(([field, one]) => {
        if (!("value" in one) || !looksSecret(field, one.value)) return [field, one];
        const prefix = scheme.exec(one.value)?.[0] ?? "";
        const secret = keep(nameOf(field), one.value.slice(prefix.length));
        return [field, { secret, ...(prefix && { prefix }) }];
      }),
    );
  return {
    ...server,
    ...(server.url && { url: inAddress(server.url, put) }),
    ...(server.command && { command: inCommand(server.command, put) }),
    ...(server.headers && { headers: all(server.headers) as NonNullable<ServerGiven["headers"]> }),
    ...(server.environment && { environment: all(server.environment) as NonNullable<ServerGiven["environment"]> }),
  };
}

/** Secrets that a server's text names as `$(NAME)`, of those that were kept for it. */
export const placeholder = /\$\(([A-Za-z_][A-Za-z0-9_.-]{0,127})\)/g;

function isPlaceholder(value: string): boolean {
  return /^\$\([A-Za-z_][A-Za-z0-9_.-]*\)$/.test(value);
}

function inAddress(url: string, put: Keep): string {
  const [, origin = "", path = "", query = ""] = /^([a-z]+:\/\/[^/?#]*)([^?]*)(.*)$/is.exec(url) ?? [];
  if (!origin) return url;
  const segments = path.split("/").map((part) => (isToken(part) ? put("path", part) : part));
  const fields = query.replace(/([?&;])([^=&#]+)=([^&#]+)/g, (whole, before: string, name: string, value: string) =>
    !isPlaceholder(value) && looksSecret(name, value) ? `${before}${name}=${put(name, value)}` : whole,
  );
  return `${origin}${segments.join("/")}${fields}`;
}

function inCommand(command: readonly string[], put: Keep): string[] {
  return command.map((argument, at) => {
    if (at === 0 || isPlaceholder(argument)) return argument;
    if (/^https?:\/\/[^\s]+$/i.test(argument) && !/^[^/]*\/\/[^/]*@/.test(argument)) return inAddress(argument, put);
    // --token=…, API_KEY=…, and a header as mcp-remote takes it: Authorization: Bearer …
    const [, name = "", between = "", value = ""] = /^(-{0,2}[A-Za-z][\w-]*)(=|: *)([^\n]+)$/.exec(argument) ?? [];
    if (name) {
      if (isPlaceholder(value) || !looksSecret(name, value)) return argument;
      const prefix = scheme.exec(value)?.[0] ?? "";
      const rest = value.slice(prefix.length);
      return isPlaceholder(rest) ? argument : `${name}${between}${prefix}${put(name, rest)}`;
    }
    const before = command[at - 1] ?? "";
    const follows = at > 1 && /^--?[A-Za-z][\w-]*$/.test(before) && !argument.startsWith("-");
    if (follows && looksSecret(before, argument)) return put(before, argument);
    return isToken(argument) ? put("argument", argument) : argument;
  });
}
