import type { Target } from "../config.ts";
import { folderStore } from "./folder.ts";
import { s3Store } from "./s3.ts";

/** Where copies are kept. Names have slashes; what is written is there whole or not at all. */
export interface Store {
  /** Overwrites what has the name. */
  write(name: string, from: AsyncIterable<Buffer>): Promise<void>;
  /** @throws NotThere */
  read(name: string): Promise<AsyncIterable<Buffer>>;
  has(name: string): Promise<boolean>;
  /** Everything whose name begins so, in the order of names. */
  list(prefix: string): AsyncIterable<{ name: string; size: number; modified: Date }>;
  /** What is not there is gone already. */
  remove(name: string): Promise<void>;
}

export class NotThere extends Error {
  constructor(name: string) {
    super(`${name} is not there.`);
  }
}

export function storeOf(target: Target, env: NodeJS.ProcessEnv): Store {
  return target.kind === "folder" ? folderStore(target.path) : s3Store(target, env);
}
