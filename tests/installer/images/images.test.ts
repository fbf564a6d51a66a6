import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mirrored } from "../../../components/primitives/image.ts";
import { readLock, writeLock } from "../../../installer/images/lock.ts";
import { lookUp } from "../../../installer/images/look-up.ts";
import { copyImage } from "../../../installer/images/mirror.ts";
import { parseReference } from "../../../installer/images/reference.ts";
import { openRegistry } from "../../../installer/images/registry.ts";
import { type UsedImage, usedImages } from "../../../installer/images/used.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { putImage, startRegistry, type TestRegistry, whyNoRegistry } from "./registry-program.ts";

it("names of images are taken apart as Docker takes them", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  expect(parseReference("caddy:2")).toMatchObject({ registry: "docker.io", repository: "library/caddy", tag: "2" });
  expect(parseReference("prom/prometheus")).toMatchObject({ registry: "docker.io", repository: "prom/prometheus" });
  expect(parseReference(`localhost:5000/a/b:1@${digest}`)).toEqual({
    registry: "localhost:5000",
    repository: "a/b",
    tag: "1",
    digest,
  });
  expect(() => parseReference("No Name")).toThrow("is no name of an image");
});

it("a registry of one's own keeps images under the names they have elsewhere", () => {
  expect(mirrored("registry.example.com/devflow", "docker.io/library/caddy")).toBe(
    "registry.example.com/devflow/library/caddy",
  );
  expect(mirrored("localhost:5000", "docker.gitea.com/gitea")).toBe("localhost:5000/gitea");
});

it("the images of an appliance are those its program declares, each with another registry to fall back on", async () => {
  const { settings } = resolveSettings({
    flags: { "stack.kind": "onprem", "images.registry": "registry.example.com" },
    env: {},
  });
  const used = await usedImages(settings);
  expect(used.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["docker.io/library/caddy:2.11.7", "docker.io/pgvector/pgvector:0.8.5-pg18"]),
  );
  for (const { name, registries } of used) expect(registries.length, name).toBeGreaterThan(1);
  const local = resolveSettings({ flags: {}, env: {} }).settings;
  await expect(usedImages(local)).rejects.toThrow("runs no containers");
});

it("a lock that is none is refused, and the one beside the answers file wins", async () => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-lock-"));
  try {
    const answers = join(folder, "devflow.yaml");
    const lock = { version: 1 as const, made: "2026-01-01T00:00:00Z", images: {} };
    await writeLock(join(folder, "images.lock.json"), lock);
    expect(await readLock(answers)).toEqual({ file: join(folder, "images.lock.json"), lock });
    await writeFile(join(folder, "images.lock.json"), '{"version": 2}');
    await expect(readLock(answers)).rejects.toThrow("no lock of images");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

if (whyNoRegistry) console.warn(`Images are not tried on a real registry here: ${whyNoRegistry}.`);

describe.skipIf(whyNoRegistry !== undefined)("images in real registries", () => {
  let one: TestRegistry;
  let other: TestRegistry;
  let digest: string;
  const used = (...registries: string[]): UsedImage => ({
    name: `${registries[0]}:1`,
    programs: [],
    registries,
    tag: "1",
    digest: undefined,
    size: undefined,
  });

  beforeAll(async () => {
    [one, other] = await Promise.all([startRegistry(), startRegistry()]);
    digest = await putImage(one.address, "team/thing", "1", "first");
  });
  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  it("are found by their digests; a registry without one, or that is gone, says why", async () => {
    const image = used(`${one.address}/team/thing`, `${other.address}/team/thing`, "127.0.0.1:1/team/thing");
    const [first, second, third] = (await lookUp([image], {})).get(image.name) ?? [];
    expect(first).toEqual({ registry: `${one.address}/team/thing`, digest });
    expect(second?.problem).toMatch(/has no tag 1/);
    expect(third?.problem).toMatch(/cannot be reached/);
  });

  it("are copied whole, with all platforms, under the same digest; a second time nothing is sent", async () => {
    const from = { name: `${one.address}/team/thing`, reference: digest };
    const to = `${other.address}/mirror/team/thing:1`;
    const first = await copyImage(from, to, {});
    expect(first.digest).toBe(digest);
    expect(first.bytes).toBeGreaterThan(10_000);
    expect(await copyImage(from, to, {})).toEqual({ digest, bytes: 0 });
    await using registry = openRegistry(other.address, {});
    expect(await registry.digestOf("mirror/team/thing", "1")).toBe(digest);
    const { body } = await registry.manifest("mirror/team/thing", digest);
    const { manifests } = JSON.parse(body.toString()) as { manifests: { digest: string }[] };
    expect(manifests).toHaveLength(2);
    for (const each of manifests) expect(await registry.digestOf("mirror/team/thing", each.digest)).toBe(each.digest);
  });

  it("that moved under their tag are told from the lock", async () => {
    const moved = await putImage(one.address, "team/thing", "1", "second");
    expect(moved).not.toBe(digest);
    const image = used(`${one.address}/team/thing`, `${other.address}/mirror/team/thing`);
    const answers = (await lookUp([image], {})).get(image.name) ?? [];
    expect(answers.map((answer) => answer.digest)).toEqual([moved, digest]);
  });

  it("behind a password are reached with what `docker login` kept", async () => {
    await using closed = await startRegistry({ user: "ada" });
    const config = await mkdtemp(join(tmpdir(), "devflow-docker-config-"));
    try {
      const auth = Buffer.from("ada:secret").toString("base64");
      await writeFile(join(config, "config.json"), JSON.stringify({ auths: { [closed.address]: { auth } } }));
      const env = { DOCKER_CONFIG: config };
      const put = await putImage(closed.address, "team/secret", "1", "third", env);
      await using registry = openRegistry(closed.address, env);
      expect(await registry.digestOf("team/secret", "1")).toBe(put);
      await using nobody = openRegistry(closed.address, { DOCKER_CONFIG: join(config, "none") });
      await expect(nobody.digestOf("team/secret", "1")).rejects.toThrow(`docker login ${closed.address}`);
    } finally {
      await rm(config, { recursive: true, force: true });
    }
  });
});
