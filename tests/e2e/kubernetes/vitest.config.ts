import { defineConfig } from "vitest/config";

/** A stack of kind `saas` on a real API server, which `npm run e2e:kubernetes:build` builds once. */
export default defineConfig({
  test: {
    include: ["tests/e2e/kubernetes/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    fileParallelism: false,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
