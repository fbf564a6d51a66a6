import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { onepasswordConnect, resolver } from "../../../../glue-services/secrets/backends/index.ts";
import { connectServer } from "./connect-server.ts";

const reference = "op://Dev Flow/mail server/username";

async function platformFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-env-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "platform.env");
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

test("a reference is asked for once while it is fresh, also by many at once, and again afterwards", async () => {
  const { url, asked } = await connectServer("t");
  const file = await platformFile("");
  // The clock of the test, so that a busy machine lets nothing grow old.
  let now = 1000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const { resolve } = resolver({ file, onepassword: onepasswordConnect({ url, token: "t" }), fresh: 150 });
  expect(await Promise.all([resolve(reference), resolve(reference), resolve(reference)])).toEqual(
    Array(3).fill("postmaster"),
  );
  expect(asked.filter((path) => path === "/v1/vaults")).toHaveLength(1);
  await resolve(reference);
  expect(asked.filter((path) => path === "/v1/vaults")).toHaveLength(1);
  now += 150;
  await resolve(reference);
  expect(asked.filter((path) => path === "/v1/vaults")).toHaveLength(2);
});

test("what was refused is asked again at once, so that a mended backend serves", async () => {
  const { url } = await connectServer("right");
  const file = await platformFile(`OP_CONNECT_HOST=${url}\nOP_CONNECT_TOKEN=wrong\n`);
  const { resolve } = resolver({ file });
  await expect(resolve(reference)).rejects.toMatchObject({ reason: "denied" });
  await writeFile(file, `OP_CONNECT_HOST=${url}\nOP_CONNECT_TOKEN=right\nMAIL_USER=${reference}\n`);
  expect(await resolve(reference)).toBe("postmaster");
  expect(await resolve("env:MAIL_USER")).toBe("postmaster");
});

test("whoever stops waiting does not stop the others", async () => {
  const { promise: answers, resolve: answer } = Promise.withResolvers<void>();
  const { url, asked } = await connectServer("t", { answers });
  const { resolve } = resolver({
    file: await platformFile(""),
    onepassword: onepasswordConnect({ url, token: "t" }),
  });
  const leaving = new AbortController();
  const impatient = resolve(reference, leaving.signal);
  const patient = resolve(reference);
  await expect.poll(() => asked).toHaveLength(1);
  leaving.abort(new Error("enough"));
  await expect(impatient).rejects.toThrow();
  answer();
  expect(await patient).toBe("postmaster");
});
