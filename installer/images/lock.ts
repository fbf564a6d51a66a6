import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { DevflowError } from "../../components/error.ts";
import { checkout } from "../answers.ts";
import { atomicWrite } from "../atomic-write.ts";

/** Digests of images as registries had them at a time. */
export const ImagesLock = Type.Object(
  {
    version: Type.Literal(1),
    /** When it was made. */
    made: Type.String(),
    /** By name and tag: `docker.io/library/caddy:2.11.7`. */
    images: Type.Record(
      Type.String(),
      Type.Object(
        {
          digest: Type.String({ pattern: "^sha256:[0-9a-f]{64}$" }),
          /** First of the registries that had it; the others that have the same. */
          registry: Type.String(),
          also: Type.Array(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type ImagesLock = Static<typeof ImagesLock>;

/** Name of the file beside the answers file. */
export const lockName = "images.lock.json";

/** Where the lock of an answers file is written to. */
export function lockFileOf(answers: string): string {
  return join(dirname(answers), lockName);
}

/**
 * The lock in force: the one beside the answers file, else the one that this version of DevFlow came with.
 *
 * @throws DevflowError CONFIG_INVALID for a file that is none
 */
export async function readLock(answers: string): Promise<{ file: string; lock: ImagesLock } | undefined> {
  for (const file of [lockFileOf(answers), join(checkout, "configs", lockName)]) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return { file, lock: parseLock(file, text) };
  }
  return undefined;
}

export async function writeLock(file: string, lock: ImagesLock): Promise<void> {
  await atomicWrite(file, `${JSON.stringify(lock, undefined, 2)}\n`);
}

function parseLock(file: string, text: string): ImagesLock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (Value.Check(ImagesLock, value)) return value;
  throw new DevflowError("CONFIG_INVALID", `${file} is no lock of images of this version.`, {
    hint: "Make it anew where there is a network: `./devflow images lock`",
  });
}
