import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } from "node:crypto";
import { exactly } from "./bytes.ts";

/**
 * Encryption of a stream under a passphrase. After a head come pieces of AES-256-GCM, each a tag and at most 1 MiB. The
 * nonce counts the pieces and marks the last one, so that none can be left out, moved, or cut off unnoticed (the
 * construction STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The head is a magic word, the salt by which a key
 * is made of the passphrase (scrypt, a tenth of a second, once for all streams of a program), and the salt by which each
 * stream gets a key of its own from that one (HKDF).
 */
const magic = Buffer.from("DEVFLOW-BACKUP-1");
const saltLength = 16;
const headLength = magic.length + 2 * saltLength;
const tagLength = 16;
const pieceLength = 2 ** 20;

export async function* seal(from: AsyncIterable<Buffer>, passphrase: string): AsyncGenerator<Buffer> {
  const own = randomBytes(saltLength);
  const key = keyOf(passphrase, programSalt, own);
  yield Buffer.concat([magic, programSalt, own]);
  let count = 0;
  let waiting: Buffer | undefined;
  for await (const piece of exactly(from, pieceLength)) {
    if (waiting) yield sealed(waiting, false);
    waiting = piece;
  }
  // An empty stream has one piece, the last: else it could not be told from one that was cut off.
  yield sealed(waiting ?? Buffer.alloc(0), true);

  function sealed(piece: Buffer, last: boolean): Buffer {
    const cipher = createCipheriv("aes-256-gcm", key, nonce(count++, last));
    const text = Buffer.concat([cipher.update(piece), cipher.final()]);
    return Buffer.concat([cipher.getAuthTag(), text]);
  }
}

/** @throws Error when the passphrase is another one, or the stream was changed or cut off */
export async function* unseal(from: AsyncIterable<Buffer>, passphrase: string): AsyncGenerator<Buffer> {
  let key: Buffer | undefined;
  let count = 0;
  let waiting: Buffer | undefined;
  for await (const piece of exactly(from, tagLength + pieceLength, headLength)) {
    if (!key) {
      if (piece.length < headLength || !piece.subarray(0, magic.length).equals(magic))
        throw new Error("This is no encrypted copy.");
      const salts = piece.subarray(magic.length);
      key = keyOf(passphrase, salts.subarray(0, saltLength), salts.subarray(saltLength));
      continue;
    }
    if (waiting) yield opened(key, waiting, false);
    waiting = piece;
  }
  if (!key || !waiting) throw new Error("The encrypted copy is cut off.");
  yield opened(key, waiting, true);

  function opened(by: Buffer, piece: Buffer, last: boolean): Buffer {
    try {
      const decipher = createDecipheriv("aes-256-gcm", by, nonce(count++, last), { authTagLength: tagLength });
      decipher.setAuthTag(piece.subarray(0, tagLength));
      return Buffer.concat([decipher.update(piece.subarray(tagLength)), decipher.final()]);
    } catch {
      throw new Error("The encrypted copy does not open: another key made it, or it was changed or cut off.");
    }
  }
}

const programSalt = randomBytes(saltLength);
const made = new Map<string, Buffer>();

function keyOf(passphrase: string, salt: Buffer, own: Buffer): Buffer {
  const name = `${salt.toString("hex")} ${passphrase}`;
  const main = made.get(name) ?? scryptSync(passphrase, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 });
  // One for each run of the program that wrote what is read now: a copy of objects has many of these.
  if (made.size > 200) made.clear();
  made.set(name, main);
  return Buffer.from(hkdfSync("sha256", main, own, "devflow backup", 32));
}

function nonce(count: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(count), 3);
  bytes[11] = last ? 1 : 0;
  return bytes;
}
