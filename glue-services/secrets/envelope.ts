import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** AES-256-GCM: twelve bytes of nonce, the ciphertext, sixteen bytes of tag. */
const [nonceBytes, tagBytes] = [12, 16];

/** Data key of an organisation, from random bytes. */
export function newDataKey(): Buffer {
  return randomBytes(32);
}

/**
 * Encrypts and binds to an identity: the same bytes under another identity do not open. A fresh random nonce each time;
 * a key seals far fewer than the 2^32 messages that are safe with one.
 */
export function seal(key: Buffer, plaintext: Buffer, identity: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(identity));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the bytes were changed, belong to another identity, or were sealed with another key */
export function open(key: Buffer, sealed: Buffer, identity: string): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error("Sealed data is cut off.");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(identity))
    .setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}

/** The identity of a row as additional data: no two different rows give the same text. */
export function identityOf(...parts: (string | number | null)[]): string {
  return JSON.stringify(["devflow secrets 1", ...parts]);
}
