import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { giveFolder, mayReach, unprivileged } from "../../../components/provider/unprivileged.ts";
import { ready, testStack, until } from "./test-stack.ts";

const root = process.getuid?.() === 0;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unprivileged-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a program that refuses root runs as somebody else in a folder only its owner may enter", () => {
  const { command, ...user } = unprivileged(["sh", "-c", "id -u && id -un && touch made"]);
  const [program = "", ...rest] = command;
  chmodSync(folder, 0o700);
  const [uid, name] = execFileSync(program, rest, { ...user, cwd: folder, encoding: "utf8" }).split("\n");
  expect(Number(uid)).not.toBe(0);
  expect(name).toMatch(/^\w/);
  // The file belongs to the stack's user as seen from outside.
  expect(statSync(join(folder, "made")).uid).toBe(process.getuid?.());
});

test("without user namespaces root's program is spawned as another user, others' as themselves", () => {
  const { command, uid, gid } = unprivileged(["id", "-u"], { namespace: false });
  expect(command).toEqual(["id", "-u"]);
  if (!root) return expect({ uid, gid }).toEqual({ uid: undefined, gid: undefined });
  expect(uid).toBeGreaterThan(0);
  expect(Number(execFileSync("id", ["-u"], { uid: uid ?? 0, gid: gid ?? 0, encoding: "utf8" }))).toBe(uid);
});

test("a folder that is given away is given with all in it, and links are not followed", () => {
  const owner = root ? { uid: 65534, gid: 65534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const [data, outside] = [join(folder, "data"), join(folder, "outside")];
  chmodSync(folder, 0o711);
  mkdirSync(join(data, "base"), { recursive: true });
  writeFileSync(join(data, "base", "file"), "");
  writeFileSync(outside, "");
  symlinkSync(outside, join(data, "link"));
  if (root) chownSync(outside, 0, 0);
  giveFolder(data, owner);
  expect([data, join(data, "base"), join(data, "base", "file")].map((path) => statSync(path).uid)).toEqual(
    Array(3).fill(owner.uid),
  );
  expect(statSync(outside).uid).toBe(process.getuid?.());
});

test("a folder that another user cannot get to is named", () => {
  const stranger = { uid: 65533, gid: 65533 };
  chmodSync(folder, 0o700);
  const closed = () => mayReach(join(folder, "data"), stranger);
  expect(closed).toThrow(
    expect.objectContaining({ code: "COMPONENT_FAILED", message: expect.stringContaining(`${folder} is closed`) }),
  );
  chmodSync(folder, 0o711);
  expect(closed).not.toThrow();
});

test("the supervisor starts a program that refuses root under its own process id", async () => {
  const stack = await testStack();
  const client = await stack.client();
  await client.put(stack.spec("modest", { sh: "id -u; exec sleep 1000", refusesRoot: true }));
  const { pid } = await ready(client, "modest");
  const { readFileSync } = await import("node:fs");
  await until(() => readFileSync(stack.paths.log("modest"), "utf8") !== "");
  expect(Number(readFileSync(stack.paths.log("modest"), "utf8"))).not.toBe(0);
  expect((await stack.living("modest")).map((one) => one.pid)).toEqual([pid]);
  await client.stop("modest");
  expect(await stack.living()).toEqual([]);
  await stack.dispose();
});
