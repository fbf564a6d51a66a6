import { readFile } from "node:fs/promises";
import type { SecretStore } from "../../components/provider/host.ts";
import { writeAtomic } from "../../components/provider/write.ts";

/**
 * Secrets in a file of `NAME=value` lines, mode 0600: `postgres/superuser` stands as `POSTGRES__SUPERUSER`. Written whole
 * and atomically; one process at a time writes, which the engine's lock sees to.
 */
export function envFileStore(file: string): SecretStore {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    get: async (name) => (await read(file)).get(variable(name)),
    list: async () => [...(await read(file)).keys()].map(nameOf).sort(),
    set(name, value) {
      const next = queue.catch(() => {}).then(() => put(file, variable(name), value));
      queue = next;
      return next;
    },
  };
}

async function put(file: string, key: string, value: string): Promise<void> {
  if (/[\r\n]/.test(value)) throw new Error(`the secret ${key} has more than one line`);
  const secrets = (await read(file)).set(key, value);
  const lines = [...secrets].map(([name, content]) => `${name}=${content}\n`);
  await writeAtomic(file, `# Generated secrets of this stack. Back this file up: the data cannot be opened without it.\n${lines.join("")}`);
}

async function read(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const split = line.indexOf("=");
      return [line.slice(0, split), line.slice(split + 1)];
    }),
  );
}

function variable(name: string): string {
  return name.replaceAll("/", "__").replaceAll("-", "_").toUpperCase();
}

function nameOf(key: string): string {
  return key.toLowerCase().replace("__", "/").replaceAll("_", "-");
}
