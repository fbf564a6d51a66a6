import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Configuration } from "../../../glue-services/host/configuration.ts";

/** Path of a file for SERVICES_CONFIG, which ends with the test. */
export async function configuration(content: Partial<Configuration>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-services-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "services.json");
  await writeFile(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}
