import { expect, test } from "vitest";
import { DevflowError } from "../../../components/error.ts";
import { errorJson, errorText, exitCodeOf } from "../../../installer/terminal/error.ts";
import { live } from "../../../installer/terminal/live.ts";
import { capture } from "./capture.ts";

const failure = new DevflowError(
  "COMPONENT_FAILED",
  "storage did not become ready.\nport 8333 refused the connection",
  {
    hint: "Read `./devflow logs storage`, then run `./devflow up` again: it resumes.",
    cause: new Error("exit code 1"),
  },
);

test("an error for people says what failed, why, what to do and where more is written", () => {
  expect(errorText(capture(), failure)).toMatchInlineSnapshot(`
    "
    ✗ storage did not become ready.
      port 8333 refused the connection
      because: exit code 1
      → Read \`./devflow logs storage\`, then run \`./devflow up\` again: it resumes.
      docs/troubleshooting.md (COMPONENT_FAILED)
    "
  `);
});

test("with --verbose an error for people comes with its stack too", () => {
  expect(errorText(capture(), failure)).not.toContain("    at ");
  expect(errorText(capture(), failure, true)).toMatch(/\(COMPONENT_FAILED\)\n {4}at .*error\.test\.ts/);
});

test("an error as JSON has one shape", () => {
  expect(errorJson(failure)).toEqual({
    error: { code: "COMPONENT_FAILED", message: failure.message, hint: failure.hint, docs: "docs/troubleshooting.md" },
  });
  expect(Object.keys(errorJson(new TypeError("x is undefined")).error)).toEqual(["code", "message", "hint", "docs"]);
});

test("a bug shows its stack and asks for a report, and has its own exit code", () => {
  const bug = new TypeError("x is undefined");
  expect(errorText(capture(), bug)).toMatch(/TypeError: x is undefined\n\s+at .*error\.test\.ts[\s\S]*Please report/);
  expect([exitCodeOf(bug), exitCodeOf(failure)]).toEqual([70, 8]);
});

test("a live block is drawn over itself, once a change", () => {
  const io = capture({ terminal: true });
  const block = live(io);
  block.draw(["one", "two"]);
  const before = io.stderr().length;
  block.draw(["one", "two"]);
  expect(io.stderr().length).toBe(before);
  block.draw(["one", "three"]);
  expect(io.stderr()).toContain("\u001b[2A");
  block.print(["note"]);
  block.done();
  expect(io.stderr().endsWith("note\none\nthree\n\u001b[?25h")).toBe(true);
});
