import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { type Static, Type } from "typebox";
import { DevflowError } from "../../components/error.ts";
import { errorCode, orMissing, syncFolder } from "./files.ts";
import { isSecret, type Json, mapValue, markKey, secret, secretMark } from "./values.ts";

/** Where the key of the secrets in a state comes from. */
export type KeySource = { keyFile: string } | { passphrase: string };

/** What the state says about its key, in the place where Pulumi's deployments name their secrets provider. */
export const VaultHeader = Type.Object({
  type: Type.Literal("devflow"),
  state: Type.Object({
    kind: Type.Union([Type.Literal("key-file"), Type.Literal("passphrase")]),
    salt: Type.String(),
    /** A known text under the key, so that a wrong key is noticed before anything else is read. */
    check: Type.String(),
  }),
});
export type VaultHeader = Static<typeof VaultHeader>;

/** Encrypts each secret by itself with AES-256-GCM. */
export interface Vault {
  header: VaultHeader;
  /** Replaces the value in every secret mark by its ciphertext. */
  seal(value: Json): Json;
  unseal(value: Json): Json;
}

const known = "devflow";
/** OWASP's recommendation for scrypt: N = 2^17, r = 8, p = 1, which takes 128 MiB for about 0.3 s. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 2 ** 20 };

/**
 * Opens the vault of a state, or a new one when `header` is undefined: only then is a missing key file created.
 *
 * @throws DevflowError STATE_KEY when the key is missing or is not the one the state was written with.
 */
export async function openVault(source: KeySource, header: VaultHeader | undefined): Promise<Vault> {
  const kind = "keyFile" in source ? "key-file" : "passphrase";
  if (header && header.state.kind !== kind) throw wrongKind(header);
  const salt = header ? Buffer.from(header.state.salt, "base64") : randomBytes(16);
  const key = "keyFile" in source ? await keyOf(source.keyFile, header === undefined) : await derive(source, salt);
  if (header && tryDecrypt(key, header.state.check) !== known) throw wrongKey(source);
  return {
    header: header ?? {
      type: "devflow",
      state: { kind, salt: salt.toString("base64"), check: encrypt(key, known) },
    },
    seal: (value) => seal(key, value),
    unseal: (value) => unseal(key, value, source),
  };
}

// --- internal ---

function seal(key: Buffer, value: Json): Json {
  if (!isSecret(value)) return mapValue(value, (child) => seal(key, child));
  return { [markKey]: secretMark, ciphertext: encrypt(key, JSON.stringify(value.value)) };
}

function unseal(key: Buffer, value: Json, source: KeySource): Json {
  if (!isSecret(value)) return mapValue(value, (child) => unseal(key, child, source));
  const { ciphertext } = value as { ciphertext?: Json };
  const text = typeof ciphertext === "string" ? tryDecrypt(key, ciphertext) : undefined;
  if (text === undefined) throw wrongKey(source);
  return secret(JSON.parse(text) as Json);
}

function encrypt(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function tryDecrypt(key: Buffer, text: string): string | undefined {
  const [version, nonce, body] = text.split(":");
  const sealed = Buffer.from(body ?? "", "base64");
  if (version !== "v1" || nonce === undefined || sealed.length < 16) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(-16));
    return decipher.update(sealed.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined;
  }
}

/** A command reads the state more than once, and deriving the key is slow on purpose. */
const derived = new Map<string, Promise<Buffer>>();

function derive({ passphrase }: { passphrase: string }, salt: Buffer): Promise<Buffer> {
  const scryptKey = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt);
  const name = `${salt.toString("base64")} ${passphrase}`;
  const key = derived.get(name) ?? scryptKey(passphrase, salt, 32, cost);
  derived.set(name, key);
  return key;
}

async function keyOf(file: string, mayCreate: boolean): Promise<Buffer> {
  const found = (await orMissing(readFile(file))) ?? (mayCreate ? await createKey(file) : undefined);
  if (found?.length === 32) return found;
  const problem = found ? `has ${found.length} bytes instead of 32` : "is missing";
  throw new DevflowError("STATE_KEY", `The key file ${file} ${problem}.`, {
    hint: "Put the key file of this stack back from a backup: the secrets in the state cannot be read without it.",
  });
}

/** Two processes may come here at once: the one that loses takes the key of the other. */
async function createKey(file: string): Promise<Buffer> {
  const key = randomBytes(32);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(key);
    await handle.sync();
    await handle.close();
    await syncFolder(file);
    return key;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    return readFile(file);
  }
}

function wrongKey(source: KeySource): DevflowError {
  const what = "keyFile" in source ? `The key in ${source.keyFile}` : "The passphrase";
  return new DevflowError("STATE_KEY", `${what} does not open the secrets in the state.`, {
    hint: "Use the key or passphrase the stack was made with; a backup of the stack holds its key.",
  });
}

function wrongKind({ state }: VaultHeader): DevflowError {
  const [message, hint] =
    state.kind === "passphrase"
      ? ["The state is encrypted with a passphrase.", "Set DEVFLOW_STATE_PASSPHRASE to the passphrase of this stack."]
      : ["The state is encrypted with a key file.", "Unset DEVFLOW_STATE_PASSPHRASE and use the stack's key file."];
  return new DevflowError("STATE_KEY", message, { hint });
}
