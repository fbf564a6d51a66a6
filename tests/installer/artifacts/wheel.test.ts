import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { upstream } from "../../../components/catalogue/index.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";

test("Caddy's real wheel is obtained from this machine's cache or its registry, and runs", async () => {
  const cache = await mkdtemp(join(tmpdir(), "devflow-wheel-"));
  const settings = { offline: homePaths().cache, official: false };
  const artifacts = createArtifacts({ cache, platform: currentPlatform(), settings });
  try {
    const caddy = upstream("caddy");
    const { path } = await artifacts.obtain(caddy, { signal: AbortSignal.timeout(300_000), report: () => {} });
    expect(execFileSync(join(path, "bin/caddy"), ["version"], { encoding: "utf8" })).toContain(`v${caddy.version}`);
  } finally {
    await artifacts.close();
    await rm(cache, { recursive: true });
  }
});
