import { defineConfig } from "vitest/config";

/** Vespa's own check of the application package. It needs Java 17, Maven and, the first time, 96 MB of its libraries. */
export default defineConfig({
  test: {
    include: ["tests/e2e/vespa/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
});
