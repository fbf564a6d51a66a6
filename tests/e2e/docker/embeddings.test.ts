import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executeIn } from "../../../components/provider/docker/exec.ts";
import { glueImage, sharedEngine, type TestEngine, whyNot } from "./test-engine.ts";

/** The services' image by itself: what it carries must do without a network and without writing to its root. */
describe.skipIf(whyNot() !== undefined)("the image of the services", () => {
  let engine: TestEngine;
  const container = "devflow-test-image";

  beforeAll(async () => {
    engine = sharedEngine();
    await engine.call("POST", `/containers/create?name=${container}`, {
      Image: glueImage,
      Entrypoint: ["/usr/local/bin/node", "-e", "setInterval(() => {}, 1000)"],
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        NetworkMode: "none",
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Tmpfs: { "/tmp": "size=64m,mode=1777" },
        Memory: 512 * 2 ** 20,
        MemorySwap: 512 * 2 ** 20,
      },
    });
    await engine.call("POST", `/containers/${container}/start`);
  });
  afterAll(async () => {
    await engine.call("DELETE", `/containers/${container}?force=true&v=true`);
    await engine[Symbol.asyncDispose]();
  });

  test("embeds texts without a network, on a root that cannot be written to", async () => {
    const script = `
      import { openEmbedder } from "/app/glue-services/ai-gateway/embed/embedder.ts";
      import { filesIn } from "/app/glue-services/ai-gateway/embed/files.ts";
      import { existsSync, readFileSync } from "node:fs";
      const embedder = openEmbedder(filesIn("/app/embeddings/artifacts.json"));
      const long = "The release notes say what changed and why. ".repeat(40);
      const { vectors } = await embedder.embed(["a cat on a sofa", "a kitten on a couch", "tax law", ...Array(16).fill(long)]);
      const of = (index) => vectors.subarray(index * 384, (index + 1) * 384);
      const likeness = (one, other) => one.reduce((sum, value, at) => sum + value * other[at], 0);
      const peaks = ["/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"];
      const peak = Number(readFileSync(peaks.find((file) => existsSync(file)), "utf8")) / 2 ** 20;
      console.log(JSON.stringify({ alike: likeness(of(0), of(1)), other: likeness(of(0), of(2)), size: vectors.length, peak }));
      await embedder.close();
    `;
    const command = [
      "/usr/local/bin/node",
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      script,
    ];
    const printed = await executeIn(engine, container, {
      ...{ command, timeout: 120_000, signal: new AbortController().signal },
    });
    const { alike, other, size, peak } = JSON.parse(printed) as Record<string, number>;
    console.log(`peak of the container's memory while embedding: ${peak?.toFixed(0)} MiB`);
    expect(size).toBe(19 * 384);
    expect(alike).toBeGreaterThan(0.6);
    expect(other).toBeLessThan(0.3);
  });

  test("stays below 340 MB, without what its parts were unpacked from", async () => {
    const { Size: size } = await engine.call<{ Size: number }>("GET", `/images/${glueImage}/json`);
    console.log(`size of the image: ${(size / 1e6).toFixed(0)} MB`);
    expect(size).toBeLessThan(340e6);
  });
});
