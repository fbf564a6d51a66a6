import { defineConfig } from "vitest/config";

/** Stacks made by Pulumi's own engine. They need `pulumi` on PATH, with the plugins of the providers a kind uses. */
export default defineConfig({
  test: {
    include: ["tests/e2e/pulumi/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    fileParallelism: false,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
