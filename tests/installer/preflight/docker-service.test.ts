import { expect, it } from "vitest";
import { callers, shutdown } from "../../../installer/preflight/checks/docker-service.ts";

/** What the engine says of itself, with rootless Docker's part of it. */
const version = (rootless?: { Version: string; PortDriver: string }) => ({
  Components: [
    { Name: "Engine", Version: "29.1.0", Details: { ApiVersion: "1.52", MinAPIVersion: "1.44" } },
    ...(rootless
      ? [{ Name: "rootlesskit", Version: rootless.Version, Details: { PortDriver: rootless.PortDriver } }]
      : []),
  ],
});

it("rootless Docker whose port driver makes one client of all people is warned of, with what to do", () => {
  const found = callers(version({ Version: "2.3.5", PortDriver: "builtin" }));
  expect(found).toMatchObject({ status: "warn", result: expect.stringContaining("one address of all callers") });
  expect(found.fix).toContain("PORT_DRIVER=slirp4netns");
  expect(callers(version({ Version: "3.0.1", PortDriver: "gvisor-tap-vsock" })).status).toBe("warn");
});

it("an engine that hands on who calls is not warned of, rootless or not", () => {
  expect(callers(version()).status).toBe("ok");
  for (const driver of ["slirp4netns", "implicit"]) {
    expect(callers(version({ Version: "2.3.5", PortDriver: driver })).status).toBe("ok");
  }
  // It depends on a setting that the engine does not tell.
  const transparent = callers(version({ Version: "3.0.1", PortDriver: "builtin" }));
  expect([transparent.status, transparent.fix]).toEqual(["ok", expect.stringContaining("userland-proxy")]);
});

const unit = (timeout: string) => `LoadState=loaded\nTimeoutStopUSec=${timeout}\n`;
const stops = { postgres: 60, runner: 300, proxy: 10 };

it("a unit of Docker that systemd ends before its slowest container is warned of", () => {
  expect(shutdown(unit("1min 30s"), stops)).toMatchObject({
    status: "warn",
    result: "systemd ends Docker after 90 s, and runner may take 300 s to end",
    fix: expect.stringContaining("TimeoutStopSec=305"),
  });
  expect(shutdown(unit("5min"), stops).status).toBe("warn");
});

it("a unit of Docker that waits long enough is well, and one that is not there is no question", () => {
  for (const timeout of ["5min 5s", "1h", "infinity"]) expect(shutdown(unit(timeout), stops).status).toBe("ok");
  expect(shutdown("LoadState=not-found\nTimeoutStopUSec=1min 30s\n", stops).status).toBe("skipped");
});
