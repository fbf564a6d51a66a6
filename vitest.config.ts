import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // The crash suite kills hundreds of processes; it runs with the end-to-end ones.
    exclude: ["tests/e2e/**", "tests/installer/engine/crash.test.ts"],
    // Starts PostgreSQL for the run when the first test asks for it.
    globalSetup: ["tests/glue-services/postgres.ts"],
    // Limits end what hangs; they judge nothing. A busy machine may take ten times as long as a quiet one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Real programs share two cores: more files at once only make each other late.
    maxWorkers: 2,
    // Real programs on a machine that others use too: once more there, and named as a finding (tests/check/retried.ts).
    retry: process.env.CI ? 1 : 0,
  },
});
