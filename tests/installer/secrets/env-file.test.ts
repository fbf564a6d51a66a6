import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseEnvText } from "../../../glue-services/secrets/backends/index.ts";
import { envFileStore } from "../../../installer/secrets/env-file.ts";
import { platformFile } from "../../../installer/secrets/platform-file.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "devflow-store-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("two processes that write generated secrets at once lose none, and the file stays private", async () => {
  const file = join(await folder(), "secrets.env");
  const program = `
    const { envFileStore } = await import(${JSON.stringify(new URL("../../../installer/secrets/env-file.ts", import.meta.url).href)});
    const store = envFileStore(process.argv[1]);
    for (let n = 0; n < 12; n++) await store.set(process.argv[2] + "/secret-" + n, "value " + n);`;
  const codes = await Promise.all(
    ["one", "two", "three"].map(
      (who) =>
        new Promise((resolve) =>
          spawn(process.execPath, ["--input-type=module", "-e", program, file, who], { stdio: "inherit" }).once(
            "exit",
            resolve,
          ),
        ),
    ),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(await envFileStore(file).list()).toHaveLength(36);
  for (const one of [file, join(file, "..", "secrets.index.json")]) expect((await stat(one)).mode & 0o777).toBe(0o600);
});

test("the index names generated secrets with their times and holds no value", async () => {
  const at = await folder();
  const store = envFileStore(join(at, "secrets.env"));
  await store.set("postgres/superuser", "planted-value-of-the-index");
  await store.change({ "postgres/superuser": "another-planted-value", "postgres/superuser--former": "planted-former" });
  expect(await store.list()).toEqual(["postgres/superuser"]);
  const text = await readFile(join(at, "secrets.index.json"), "utf8");
  expect(JSON.parse(text)).toEqual({
    "postgres/superuser": { since: expect.stringMatching(/^\d{4}-/), overlap: true },
  });
  expect(text).not.toContain("planted");
  const [before] = await store.describe();
  await store.change({ "postgres/superuser": "another-planted-value", "postgres/superuser--former": undefined });
  expect(await store.describe()).toEqual([{ ...before, overlap: false }]);
});

test("a file of the first release, without times, is read as it is", async () => {
  const file = join(await folder(), "secrets.env");
  await writeFile(file, "# Generated secrets\nPOSTGRES__SUPERUSER=abc=def\nCODE__SECRET_KEY=x\n");
  const store = envFileStore(file);
  expect([await store.get("postgres/superuser"), await store.get("code/secret-key")]).toEqual(["abc=def", "x"]);
  expect((await store.describe())[0]).toEqual({ name: "code/secret-key", since: undefined, overlap: false });
});

test("setting one of the platform's secrets leaves comments and the others as they are", async () => {
  const file = join(await folder(), "platform.env");
  await writeFile(
    file,
    "# mail\nexport MAIL_USER=postmaster # who\nMAIL_PASSWORD='old one'\n\nLINES=\"a\nMAIL_PASSWORD=no\nb\"",
    {
      mode: 0o600,
    },
  );
  const store = platformFile(file);
  await store.change({ MAIL_PASSWORD: 'it\'s "new" # really', ADDED: "1" });
  const text = await readFile(file, "utf8");
  expect(text.startsWith("# mail\nexport MAIL_USER=postmaster # who\n")).toBe(true);
  expect(Object.fromEntries(parseEnvText(text))).toEqual({
    MAIL_USER: "postmaster",
    MAIL_PASSWORD: 'it\'s "new" # really',
    LINES: "a\nMAIL_PASSWORD=no\nb",
    ADDED: "1",
  });
  await store.change({ MAIL_USER: undefined, LINES: "now one" });
  expect([...(await store.read()).keys()].sort()).toEqual(["ADDED", "LINES", "MAIL_PASSWORD"]);
  expect(await readFile(file, "utf8")).toContain("# mail");
});

test("random values of every kind come back from the platform's file as they went in", async () => {
  const store = platformFile(join(await folder(), "platform.env"));
  const alphabet = "aZ0 #='\"`$\\\n\t{}é%";
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  let kept = 0;
  for (let round = 0; round < 60; round++) {
    const value = Array.from({ length: 1 + next(12) }, () => alphabet[next(alphabet.length)]).join("");
    const written = await store.change({ TESTED: value }).then(
      () => true,
      (error: Error) => {
        expect(error.message).not.toContain(value.length > 6 ? value : "\0");
        return false;
      },
    );
    if (written) expect((await store.read()).get("TESTED")).toBe(value);
    kept += Number(written);
  }
  expect(kept).toBeGreaterThan(40);
});

// Public reports about variables that were changed on their way, tried on ours.
test.each([
  ["coollabsio/coolify#3946", "$2a$12$mSNGEiOT7urQP/Xs10XzPurl5cmVj6tavHRZQUK0jIFXRWFBGmssu"],
  ["coollabsio/coolify#7542", '{"v1": "json-1", "v2": "json\\n2"}'],
  ["coollabsio/coolify#1513", '"in quotes"'],
  ["coollabsio/coolify#6018", "a#b c # d"],
])("%s: a value is kept as it was given", async (_report, value) => {
  const file = join(await folder(), "platform.env");
  const store = platformFile(file);
  await store.change({ BEFORE: "1", VALUE: value });
  await store.change({ AFTER: "2" });
  expect(Object.fromEntries(await store.read())).toEqual({ BEFORE: "1", VALUE: value, AFTER: "2" });
});

test("coollabsio/coolify#11117: a name that stands there twice stands there once when it is set, and not at all when it is deleted", async () => {
  const file = join(await folder(), "platform.env");
  await writeFile(file, "VERSION=22\nOTHER=x\nVERSION=21\n", { mode: 0o600 });
  const store = platformFile(file);
  await store.change({ VERSION: "24" });
  expect((await readFile(file, "utf8")).match(/^VERSION=.*$/gm)).toEqual(["VERSION=24"]);
  await store.change({ VERSION: undefined });
  expect(Object.fromEntries(await store.read())).toEqual({ OTHER: "x" });
});
