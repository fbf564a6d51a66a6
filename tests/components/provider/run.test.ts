import { expect, test } from "vitest";
import { run } from "../../../components/provider/run.ts";

const options = { cwd: "/", env: { PATH: process.env.PATH }, timeout: 10_000, signal: new AbortController().signal };

test("a program that fails is named with how it ended and its last lines", async () => {
  const script = "seq 20; echo oh no >&2; exit 3";
  await expect(run(["sh", "-c", script], options)).rejects.toMatchObject({
    code: "COMMAND_FAILED",
    message: expect.stringMatching(/^sh -c seq 20.* failed \(exit code 3\):\n14\n(\d+\n)+oh no$/),
  });
});

test("a program that finds the disk full says so by its code, and goes by its own name", async () => {
  const script = "echo 'FATAL: could not extend file: No space left on device'; exit 1";
  await expect(run(["sh", "-c", script], options)).rejects.toMatchObject({
    code: "DISK_FULL",
    hint: expect.stringContaining("Free some space"),
  });
});

test.runIf(process.platform === "linux")("what only makes it another user is no part of its name", async () => {
  const failing = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "false", "--fast"];
  await expect(run(failing, options)).rejects.toMatchObject({
    message: expect.stringMatching(/^false --fast … failed/),
  });
});
