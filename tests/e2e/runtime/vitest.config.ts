import { defineConfig } from "vitest/config";

/** What stands before a stack's runtime, by the programs themselves: Envoy's and Deno's are brought at the first run. */
export default defineConfig({
  test: {
    include: ["tests/e2e/runtime/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
