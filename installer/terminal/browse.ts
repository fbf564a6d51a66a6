import { spawn } from "node:child_process";
import type { Io } from "../commands/command.ts";

/** Hands the address to the desktop; false where there is none. */
export function browse(io: Io, url: string): boolean {
  const desktop = process.platform === "darwin" || io.env.DISPLAY || io.env.WAYLAND_DISPLAY;
  if (!desktop || io.env.SSH_CONNECTION || !io.terminal) return false;
  const child = spawn(process.platform === "darwin" ? "open" : "xdg-open", [url], { detached: true, stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
  return true;
}
