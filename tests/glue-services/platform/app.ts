import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, type AppOptions, buildApp } from "../../../glue-services/kit/index.ts";
import { type PlatformOptions, platform } from "../../../glue-services/platform/app.ts";

/** The platform service alone, without a database, as it answers when all else is down. */
export async function platformApp(
  options: Partial<PlatformOptions> = {},
  more: Pick<AppOptions, "verify"> = {},
): Promise<App> {
  const app = await buildApp({
    version: "1.2.3",
    logLevel: "silent",
    ...more,
    services: [
      platform({
        version: "1.2.3",
        publicUrl: "http://localhost:4400",
        supervisor: undefined,
        runs: undefined,
        docs: undefined,
        addresses: {},
        ...options,
      }),
    ],
  });
  onTestFinished(() => app.close());
  return app;
}

/** A folder with these files, gone when the test ends. */
export async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-docs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export const someDocs = {
  "index.md":
    "# DevFlow\n\nStart with [install](install.md#ports) or [errors](reference/errors.md).\n\n## Commands\n\n```sh\n./devflow up\n```\n\n| Profile | Memory |\n| --- | --- |\n| minimal | 450 MiB |\n",
  "install.md": "# Install\n\n## Ports\n\nWhich ports are taken.\n\n## Ports\n\nAgain.\n",
  "reference/errors.md":
    "# Errors\n\nBack to [install](../install.md).\n\n<script>alert(1)</script>\n\n[bad](javascript:alert(1))\n",
};
