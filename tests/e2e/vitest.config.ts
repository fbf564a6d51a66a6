import { defineConfig } from "vitest/config";
import { whole } from "../whole.ts";

/** Whole runs of the program with real upstreams: one file after the other, since each takes the machine for itself. */
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.test.ts", "tests/installer/engine/crash.test.ts", ...whole],
    // They need Pulumi's CLI, Docker or a cluster: `npm run e2e:pulumi` and its like say so.
    exclude: [
      "tests/e2e/pulumi/**",
      "tests/e2e/docker/**",
      "tests/e2e/kubernetes/**",
      "tests/e2e/observability/**",
      "tests/e2e/vespa/**",
    ],
    root: new URL("../..", import.meta.url).pathname,
    // Starts PostgreSQL when a test asks for it.
    globalSetup: ["tests/glue-services/postgres.ts"],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // A test that passes only the second time is a fault of it, or of the product: in CI it is named (tests/check/retried.ts).
    retry: process.env.CI ? 1 : 0,
  },
});
