import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DevflowError } from "../../error.ts";

/** Which engine is meant, and by what. */
export interface ChosenEngine {
  /** As DOCKER_HOST has it. */
  host: string;
  /** Where that stands, in words: "DOCKER_HOST", "the context colima of ~/.docker/config.json". */
  from: string;
  /** By a context or a rootless engine's socket, of which Pulumi's provider must be told. */
  told?: true;
  /** Folder of its ca.pem, cert.pem and key.pem, where it has one of its own. */
  certificates?: string;
}

const usual = "/var/run/docker.sock";

/**
 * The engine that the program `docker` would speak to, in its order: what is given, DOCKER_HOST, the context named by
 * DOCKER_CONTEXT or the configuration file, the usual socket, and the socket of a rootless engine.
 * https://docs.docker.com/engine/manage-resources/contexts/
 *
 * @param host setting docker.host
 * @throws DevflowError CONFIG_INVALID for a context that is not there
 */
export function chosenEngine(host: string | undefined, env: NodeJS.ProcessEnv): ChosenEngine {
  if (host) return { host, from: "docker.host" };
  if (env.DOCKER_HOST) return { host: env.DOCKER_HOST, from: "DOCKER_HOST" };
  const folder = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), ".docker");
  const file = join(folder, "config.json");
  const current = env.DOCKER_CONTEXT || textOf(readJson(file)?.currentContext);
  if (current && current !== "default") {
    return ofContext(folder, current, env.DOCKER_CONTEXT ? "DOCKER_CONTEXT" : file);
  }
  const rootless = rootlessSocket(env);
  if (!usable(usual) && rootless && usable(rootless)) {
    return { host: `unix://${rootless}`, from: "the socket of the rootless engine", told: true };
  }
  return { host: `unix://${usual}`, from: "the usual socket" };
}

/** A context is a folder named by the SHA-256 of its name, with its endpoints in `meta.json` and its certificates in `tls`. */
function ofContext(folder: string, name: string, by: string): ChosenEngine {
  const id = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(folder, "contexts", "meta", id, "meta.json"));
  const host = textOf(recordOf(recordOf(meta?.Endpoints)?.docker)?.Host);
  if (!host) {
    throw new DevflowError("CONFIG_INVALID", `${by} names the Docker context ${name}, which is not in ${folder}.`, {
      hint: `docker context ls lists them; choose another (docker context use NAME), or set docker.host.`,
      docs: "onprem",
    });
  }
  const tls = join(folder, "contexts", "tls", id, "docker");
  const from = `the context ${name} of ${by}`;
  return { host, from, told: true, ...(readable(join(tls, "cert.pem")) && { certificates: tls }) };
}

function rootlessSocket(env: NodeJS.ProcessEnv): string | undefined {
  const folder = env.XDG_RUNTIME_DIR ?? (process.getuid?.() ? `/run/user/${process.getuid()}` : undefined);
  return folder && join(folder, "docker.sock");
}

function usable(socket: string): boolean {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    return recordOf(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
