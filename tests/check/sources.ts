import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Files of the tree that git tracks or would track, by ending. */
export function sources(...endings: string[]): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = [...new Set(listed.split("\0"))].filter((file) => file !== "");
  return files.filter(
    (file) => exists(file) && (endings.length === 0 || endings.some((ending) => file.endsWith(ending))),
  );
}

export function read(file: string): string {
  return readFileSync(file, "utf8");
}

function exists(file: string): boolean {
  try {
    readFileSync(file, { flag: "r" });
    return true;
  } catch {
    return false;
  }
}
