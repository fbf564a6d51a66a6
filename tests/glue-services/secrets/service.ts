import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Service } from "../../../glue-services/kit/index.ts";
import { type SecretsOptions, secrets } from "../../../glue-services/secrets/app.ts";
import { person } from "../build.ts";

export interface Made {
  service: Service;
  masterKeyFile: string;
  platformFile: string;
  indexFile: string;
  /** Current master key. */
  master: string;
}

/** The service with files of its own. */
export async function secretsService(options: Partial<SecretsOptions> & { platform?: string } = {}): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [masterKeyFile, platformFile, indexFile] = ["master.key", "platform.env", "secrets.index.json"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const master = randomBytes(32).toString("base64url");
  await writeFile(masterKeyFile, `${master}\n`, { mode: 0o600 });
  if (options.platform !== undefined) await writeFile(platformFile, options.platform, { mode: 0o600 });
  return {
    service: secrets({ masterKeyFile, platformFile, indexFile, ...options }),
    masterKeyFile,
    platformFile,
    indexFile,
    master,
  };
}

/** A key of a service that may read values, in the organisation. */
export function reading(organisation: string) {
  return person({ organisation, person: undefined, scopes: ["secrets:resolve"] });
}
