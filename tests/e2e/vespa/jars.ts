import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { homePaths } from "../../../components/provider/paths.ts";

const run = promisify(execFile);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const jars = join(homePaths().cache, "vespa-config-model");
const room = { maxBuffer: 16 * 1024 * 1024 };

export const application = fileURLToPath(new URL("../../../configs/vespa/", import.meta.url));

/** Vespa's own libraries, by Maven, into the cache. */
export async function fetchJars(): Promise<void> {
  await mkdir(jars, { recursive: true });
  const repository = `-Dmaven.repo.local=${join(homePaths().cache, "maven")}`;
  const output = `-DoutputDirectory=${jars}`;
  await run("mvn", ["-q", "-B", repository, "-f", here("pom.xml"), "dependency:copy-dependencies", output], room);
}

/** A program of this folder, with Vespa's libraries. */
export async function java(program: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run("java", ["-cp", join(jars, "*"), here(program), ...args], room).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
}
