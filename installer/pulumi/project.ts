import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { StackPaths } from "../../components/provider/paths.ts";
import { atomicWrite } from "../atomic-write.ts";

/** A folder that Pulumi takes for a project: the same program as the checkout's own Pulumi.yaml, with one stack. */
export interface PulumiProject {
  folder: string;
  env: Record<string, string>;
}

/** What of a stack's settings decides how Pulumi keeps its state. */
export interface StateSettings {
  /** `file://…`, `s3://…` or the address of Pulumi Cloud; absent: a folder of the stack's own. */
  backend?: string;
  /** `awskms://…` and the like; absent: a passphrase in a file of the stack's own. */
  secretsProvider?: string;
}

/**
 * Writes the stack's project folder. The checkout itself is never written to, so that several stacks and people can share
 * it. The passphrase is made once, 0600, and is as precious as the stack itself.
 */
export async function writeProject(
  { root }: Pick<StackPaths, "root">,
  checkout: string,
  { backend }: StateSettings,
): Promise<PulumiProject> {
  const folder = join(root, "pulumi");
  const state = join(folder, "state");
  await mkdir(state, { recursive: true, mode: 0o700 });
  await atomicWrite(join(folder, "Pulumi.yaml"), stringify(projectFile(checkout)));
  const passphrase = join(folder, "passphrase");
  await ensurePassphrase(passphrase);
  return {
    folder,
    env: {
      PULUMI_BACKEND_URL: backend ?? `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
}

function projectFile(checkout: string): object {
  return {
    name: "devflow",
    main: join(checkout, "stacks", "index.ts"),
    runtime: { name: "nodejs", options: { typescript: false } },
    plugins: { providers: [{ name: "devflow", path: join(checkout, "components", "provider") }] },
  };
}

/** Two commands at once agree on one: whoever comes second reads the first one's. */
async function ensurePassphrase(file: string): Promise<void> {
  try {
    await writeFile(file, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch {
    await readFile(file);
  }
  await chmod(file, 0o600);
}
