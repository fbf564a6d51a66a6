import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes } from "../../terminal/human.ts";
import type { Check } from "../check.ts";

/** Builds and PostgreSQL's large sorts pass through the temporary folder. */
const enough = 256 * 1024 * 1024;

export const temporary: Check = {
  name: "temporary",
  title: "Temporary folder and locale",
  why: "Programs put sockets and scratch files in the temporary folder, and some refuse a locale that is not installed.",
  async run({ facts }, signal) {
    const path = facts.env.TMPDIR || tmpdir();
    const fix = "Choose another folder for this: `TMPDIR=/path ./devflow up`";
    try {
      const folder = await mkdtemp(join(path, "devflow-preflight-"));
      await writeFile(join(folder, "file"), Buffer.alloc(4096)).finally(() =>
        rm(folder, { recursive: true, force: true }),
      );
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return {
        status: "fail",
        result: `${path} cannot be written: ${code === "ENOSPC" ? "it is full" : message}`,
        fix,
      };
    }
    const { available } = await facts.statfs(path);
    if (available < enough)
      return { status: "warn", result: `${path} has only ${bytes(available)} free`, fix, data: { available } };
    // `locale` says on stderr when a variable names a locale that this machine does not have.
    const { stderr } = await facts.exec(["locale", "charmap"], signal);
    if (/cannot set/i.test(stderr)) {
      const named = facts.env.LC_ALL || facts.env.LC_CTYPE || facts.env.LANG || "the locale";
      return { status: "warn", result: `${named} is not installed on this machine`, fix: "export LC_ALL=C.UTF-8" };
    }
    return { status: "ok", result: `${path} has ${bytes(available)} free`, data: { available } };
  },
};
