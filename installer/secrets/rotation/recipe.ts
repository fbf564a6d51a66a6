import type { SecretAlphabet } from "../../../components/provider/resources.ts";
import type { CheckName } from "./checks.ts";

/**
 * How the former and the new value are valid together.
 *
 * logins: each is the password of a login role of its own; both: the service accepts either; keyring: both open, the new
 * one closes; restart: one process uses it, and has the new one when it is started again; instant: nothing runs with it.
 */
export type Overlap = "logins" | "both" | "keyring" | "restart" | "instant";

/** How generated secrets are rotated, as data. */
export interface Recipe {
  /** Those that only make sense together. */
  secrets: string[];
  overlap: Overlap;
  /** What happens, in a sentence. */
  how: string;
  /** Components that are started again. */
  restarts: string[];
  /** What others notice. */
  interruption: string;
  /** Shows that the new value serves, and after the end that the former one does not. */
  check: CheckName;
  /** Shape of a new value by secret. @default 43 characters of base64url */
  shape?: Record<string, { length: number; alphabet: SecretAlphabet }>;
}

/** One that is not rotated, with the reason. */
export interface Refused {
  secrets: string[];
  refused: string;
  /** What a person can do all the same. */
  instead: string;
}

const pause = (what: string) => `${what} does not answer while it is started again, a few seconds`;

/** `*` stands for any one name. The first that matches counts. */
export const recipes: readonly (Recipe | Refused)[] = [
  {
    secrets: ["postgres/superuser"],
    overlap: "instant",
    how: "The server gets the new password with the former one; only the installer ever uses it, and no process holds it.",
    restarts: [],
    interruption: "none",
    check: "superuser",
  },
  {
    secrets: ["postgres/*"],
    overlap: "logins",
    how: "The new password goes to the second of two roles that act as the owner; the former one is shut when every process has moved.",
    restarts: ["the component whose database it is"],
    interruption: `none for queries; ${pause("the component")}`,
    check: "database",
  },
  {
    secrets: ["storage/access-key", "storage/secret-key"],
    overlap: "both",
    how: "Storage accepts both pairs of keys until every client has the new one.",
    restarts: ["storage", "code"],
    interruption: pause("storage"),
    check: "storage",
    shape: { "storage/access-key": { length: 20, alphabet: "alphanumeric" } },
  },
  {
    secrets: ["storage/signing-key"],
    overlap: "restart",
    how: "Its tokens live a minute and only between parts of the one process that is started again.",
    restarts: ["storage"],
    interruption: pause("storage"),
    check: "storage",
  },
  {
    secrets: ["platform/master-key"],
    overlap: "keyring",
    how: "The host gets both keys, wraps every data key anew by the new one before it serves, and then loses the former one. Values stay as they are.",
    restarts: ["platform"],
    interruption: `none for values; ${pause("the platform")}, twice`,
    check: "masterKey",
  },
  {
    secrets: ["code/administrator"],
    overlap: "instant",
    how: "Git hosting gets the new password for the platform's own account, and the platform is started again with it.",
    restarts: ["platform"],
    interruption: `changes of accounts wait some seconds and are tried again; ${pause("the platform")}`,
    check: "giteaAccount",
    shape: { "code/administrator": { length: 24, alphabet: "alphanumeric" } },
  },
  {
    secrets: ["code/metrics-token"],
    overlap: "restart",
    how: "Git hosting and Prometheus both get the new token.",
    restarts: ["code", "metrics"],
    interruption: `${pause("Git hosting")}; at most two samples of its metrics are missing`,
    check: "giteaMetrics",
  },
  {
    secrets: ["code/internal-token"],
    overlap: "restart",
    how: "Git hosting's own hooks read it from the same file as the server.",
    restarts: ["code"],
    interruption: `${pause("Git hosting")}; a push that is under way has to be repeated`,
    check: "gitea",
  },
  {
    secrets: ["code/lfs-jwt-secret"],
    overlap: "restart",
    how: "Tokens for large files, which clients ask for at each transfer, are signed anew.",
    restarts: ["code"],
    interruption: `${pause("Git hosting")}; a transfer of large files that is under way asks for a new token`,
    check: "gitea",
  },
  {
    secrets: ["code/oauth-jwt-secret"],
    overlap: "restart",
    how: "Tokens that Git hosting hands to its jobs are signed anew; those handed out before are refused.",
    restarts: ["code"],
    interruption: `${pause("Git hosting")}; jobs that run meanwhile have to be run again`,
    check: "gitea",
  },
  {
    secrets: ["identity/code-client"],
    overlap: "restart",
    how: "The platform and Git hosting both get the new secret of the sign-on between them.",
    restarts: ["platform"],
    interruption: `signing on to Git hosting fails for some seconds, those who are in stay in; ${pause("the platform")}`,
    check: "gitea",
  },
  {
    secrets: ["code/secret-key"],
    refused:
      "Gitea encrypts second factors, mirrors' credentials and jobs' secrets in its database with it, and has no way to encrypt them anew: all of them would be lost.",
    instead: "If it leaked, change the secrets it protects in Gitea: second factors, mirrors, jobs' secrets.",
  },
  {
    secrets: ["identity/signing"],
    overlap: "keyring",
    how: "The platform gets both, encrypts second factors and signing keys of sign-on anew by the new one before it serves, and then loses the former one.",
    restarts: ["platform"],
    interruption: `everybody signs in again, second factors and passkeys stay; ${pause("the platform")}, twice`,
    check: "identity",
  },
];

/** @returns undefined when no recipe speaks of it */
export function recipeOf(name: string): Recipe | Refused | undefined {
  const found = recipes.find(({ secrets }) => secrets.some((pattern) => matches(pattern, name)));
  if (!found || "refused" in found) return found;
  // A pattern's recipe is for the one that was asked for.
  return { ...found, secrets: found.secrets.some((one) => one.includes("*")) ? [name] : found.secrets };
}

function matches(pattern: string, name: string): boolean {
  return pattern === name || (pattern.endsWith("/*") && name.startsWith(pattern.slice(0, -1)));
}
