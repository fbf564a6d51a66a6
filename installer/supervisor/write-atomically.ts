import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Replaces a file in one step that also survives a power cut; mode 0600. A full disk leaves the former file whole. */
export function writeAtomically(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
