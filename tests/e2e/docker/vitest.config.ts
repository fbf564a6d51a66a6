import { defineConfig } from "vitest/config";

/**
 * A whole appliance on a real Docker engine: `npm run e2e:docker`. It needs root and `dockerd`, `iptables`, `busybox` and
 * `git` on PATH (Debian: docker.io iptables busybox-static git), or an engine named by DEVFLOW_TEST_DOCKER_HOST. Images are
 * made of this machine's own programs, so nothing is pulled.
 */
export default defineConfig({
  test: {
    include: ["tests/e2e/docker/**/*.test.ts"],
    root: new URL("../../..", import.meta.url).pathname,
    globalSetup: ["tests/e2e/docker/setup.ts"],
    fileParallelism: false,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
