import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { whole } from "./tests/whole.ts";

// Each file has a process of its own: what it loads is compiled once for all of them, and for programs that tests start.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "devflow-compile-cache");

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // The crash suite kills hundreds of processes; it runs with the end-to-end ones.
    exclude: ["tests/e2e/**", "tests/installer/engine/crash.test.ts", ...(process.env.DEVFLOW_SUITE ? whole : [])],
    // Starts PostgreSQL for the run when the first test asks for it.
    globalSetup: ["tests/glue-services/postgres.ts"],
    // Limits end what hangs; they judge nothing. A busy machine may take ten times as long as a quiet one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // One more than the cores of a small machine: some file always waits for a program, a disk or a timer.
    maxWorkers: 3,
    // A test that passes only the second time is a fault of it, or of the product: in CI it is named (tests/check/retried.ts).
    retry: process.env.CI ? 1 : 0,
  },
});
