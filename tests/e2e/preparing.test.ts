import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourcesOf, upstream } from "../../components/catalogue/index.ts";
import { homePaths } from "../../components/provider/paths.ts";
import { currentPlatform } from "../../components/provider/platform.ts";
import { createArtifacts } from "../../installer/artifacts/index.ts";
import type { StackStatus } from "../../installer/run/status.ts";
import { slowIndex } from "./slow-index.ts";
import { eventually, type TestStack, testStack } from "./stack.ts";

/** A program that takes long to come: everything else serves meanwhile, and it joins by itself. */
describe("a slow program", () => {
  let stack: TestStack;
  let cache: string;
  let index: Awaited<ReturnType<typeof slowIndex>>;

  beforeAll(async () => {
    const { cache: shared } = homePaths();
    const source = sourcesOf(upstream("seaweedfs"), currentPlatform()).find(({ kind }) => kind === "pypi");
    if (source?.kind !== "pypi" || !("sha256" in source.digest)) throw new Error("the catalogue gets it elsewhere now");
    await fillShared(shared);
    cache = await mkdtemp(join(tmpdir(), "devflow-cache-"));
    await mkdir(join(cache, "artifacts"));
    for (const id of await readdir(join(shared, "artifacts"))) {
      if (/^(postgres|caddy)-/.test(id)) await symlink(join(shared, "artifacts", id), join(cache, "artifacts", id));
    }
    index = await slowIndex(join(shared, "blobs", "sha256", source.digest.sha256), source.file);
    stack = await testStack(`components: { storage: true }\nartifacts: { mirrors: { pypi: "${index.url}" } }\n`, {
      DEVFLOW_CACHE: cache,
    });
  });
  afterAll(async () => {
    await stack?.remove();
    index?.close();
    await rm(cache, { recursive: true, force: true });
  });

  test("up returns when the rest serves and says what is still being prepared", async () => {
    const { code, stderr } = await stack.devflow("up", "--yes");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Open {5}http/)]);
    expect(stderr).toMatch(/storage 4\.48: preparing {2}\d+ %, downloading/);
    expect(stderr).toMatch(/storage is being prepared \(downloading, about .* left\); it joins by itself/);
    expect((await fetch(`http://localhost:${stack.port}/readyz`)).status).toBe(200);
  });

  test("status shows how far it is, and another up --wait waits for it", async () => {
    const { code, stdout } = await stack.devflow("status");
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/storage.*preparing.*\d+ %, downloading .* of 45\.4 MiB/),
    ]);
    const waiting = stack.start("up", "--yes", "--wait");
    await waiting.shows(/joining it/);
    index.hurry();
    const { code: end, stderr } = await waiting.ended;
    expect([end, stderr]).toEqual([0, expect.stringMatching(/✓ storage 4\.48: ready in/)]);
    await eventually(async () => {
      const now: StackStatus = JSON.parse((await stack.devflow("status", "--json")).stdout);
      expect([now.state, now.run?.state]).toEqual(["ready", "done"]);
    });
  });
});

async function fillShared(cache: string): Promise<void> {
  const artifacts = createArtifacts({ cache, platform: currentPlatform() });
  const reporting = { signal: AbortSignal.timeout(100_000), report: () => {} };
  for (const name of ["postgres", "caddy", "seaweedfs"]) {
    await artifacts.obtain({ name, version: upstream(name).version }, reporting);
  }
  await artifacts.close();
}
