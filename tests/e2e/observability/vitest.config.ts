import { defineConfig } from "vitest/config";

/** The rendered configurations with their real programs; the first time it builds the collector from its modules. */
export default defineConfig({
  test: {
    include: ["tests/e2e/observability/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    fileParallelism: false,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 120_000,
    hookTimeout: 1_800_000,
  },
});
