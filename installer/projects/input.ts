import type { GlobalOptions, Io } from "../commands/command.ts";
import { type PlatformApi, platformApi } from "../platform-api.ts";

export interface Options extends GlobalOptions {
  keyFile?: string;
  all?: boolean;
  slug?: string;
  description?: string;
  everyone?: "viewer" | "member" | "none";
  detach?: boolean;
  confirm?: string;
}

export interface Input {
  options: Options;
  args: string[];
  io: Io;
}

/** @throws DevflowError USAGE without an API key */
export function apiOf({ io, options }: Input): Promise<PlatformApi> {
  return platformApi(io, options, {
    needs: "Commands of projects",
    scopes: "projects:read and projects:write",
    docs: "projects",
  });
}

/** Path of a project, or of something below it. */
export function pathOf(project: string | undefined, below = ""): string {
  return `/api/projects/${encodeURIComponent(project ?? "")}${below}`;
}
