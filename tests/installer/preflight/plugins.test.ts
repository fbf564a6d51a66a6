import { chmod, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { plugins } from "../../../installer/preflight/checks/plugins.ts";
import { exampleKinds, exampleSettings } from "../../../installer/pulumi/examples.ts";
import { pluginsOf } from "../../../installer/pulumi/plugins.ts";
import { inputFor, temporaryFolder } from "./machine.ts";

const limit = () => AbortSignal.timeout(300_000);
const asks = (folder: string, env: NodeJS.ProcessEnv) =>
  plugins.run({ ...inputFor({ folder }, { env }), settings: exampleSettings("saas") }, limit());

async function plugin(folder: string, says: string) {
  const file = join(folder, "pulumi-resource-kubernetes");
  await writeFile(file, `#!/bin/sh\n${says}\n`);
  await chmod(file, 0o755);
}

describe("Pulumi's plugins (pulumi-kubernetes #2948, PR 4278)", () => {
  test("are asked for at the version of package.json, by the SDKs that are installed", () => {
    const require = createRequire(import.meta.url);
    for (const kind of exampleKinds) {
      const wanted = pluginsOf(kind);
      expect(wanted.length).toBeGreaterThan(0);
      for (const { name, version } of wanted) {
        expect(version).toMatch(/^\d+\.\d+\.\d+$/);
        // Every resource of an SDK asks for the plugin of the SDK's own version.
        const { getVersion } = require(`@pulumi/${name}/utilities`) as { getVersion(): string };
        expect(getVersion(), name).toBe(version);
      }
    }
  });

  test("on PATH are refused where they are of another version, since Pulumi takes them all the same", async () => {
    await using folder = await temporaryFolder();
    const [kubernetes] = pluginsOf("saas");
    expect(await asks(folder.path, { PATH: folder.path })).toMatchObject({ status: "ok" });
    await plugin(folder.path, "echo v4.18.0");
    const file = join(folder.path, "pulumi-resource-kubernetes");
    expect(await asks(folder.path, { PATH: `/nowhere:${folder.path}` })).toMatchObject({
      status: "fail",
      result: `${file} is 4.18.0, and the program asks for ${kubernetes?.version}`,
    });
    expect(await asks(folder.path, { PATH: folder.path, PULUMI_IGNORE_AMBIENT_PLUGINS: "true" })).toMatchObject({
      status: "ok",
    });
    await plugin(folder.path, "echo 99.0.0");
    expect(await asks(folder.path, { PATH: folder.path })).toMatchObject({ status: "warn" });
    await plugin(folder.path, `echo ${kubernetes?.version}`);
    expect(await asks(folder.path, { PATH: folder.path })).toMatchObject({ status: "ok" });
    await plugin(folder.path, "exit 2");
    expect(await asks(folder.path, { PATH: folder.path })).toMatchObject({ status: "warn" });
  });
});
