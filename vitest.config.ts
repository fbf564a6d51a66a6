import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/e2e/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Real programs share two cores: more files at once only make each other late.
    maxWorkers: 2,
  },
});
