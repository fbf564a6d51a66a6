import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { applicationPackage } from "../../../components/platform/search/package.ts";
import { scaleOf, sizes } from "../../../stacks/sizes.ts";
import { application, fetchJars, java } from "./jars.ts";

beforeAll(fetchJars);

/** What Vespa's configuration server says of a package. */
async function judge(folder: string): Promise<string> {
  const { stdout, stderr } = await java("Validate.java", folder);
  return stdout.includes("VALID") ? stdout : stderr;
}

/** A copy of the package with one file changed. */
async function changed(file: string, change: (text: string) => string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-vespa-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(application, folder, { recursive: true });
  const before = await readFile(join(folder, file), "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(join(folder, file), after);
  return folder;
}

test("Vespa's configuration server takes the application package", async () => {
  expect(await judge(application)).toContain("VALID clusters=[knowledge] containers=[default]");
});

test("and refuses it with a wrong ranking expression, a schema that is missing, or a misspelt element", async () => {
  const ranking = await changed("schemas/chunk_384.sd", (text) =>
    text.replace("closeness(field, embedding)", "closeness(field, embedding"),
  );
  // A name of a feature that does not exist is only found by a content node.
  expect(await judge(ranking)).toMatch(/chunk_384|vector|expression/i);
  const schema = await changed("services.xml", (text) => text.replace("chunk_384", "chunk_385"));
  expect(await judge(schema)).toMatch(/chunk_385/);
  const element = await changed("services.xml", (text) => text.replaceAll("min-redundancy", "min-redundanci"));
  expect(await judge(element)).toMatch(/min-redundanci/);
});

test.each(Object.keys(sizes))("takes the package for the nodes of a stack of size %s", async (size) => {
  const { search } = scaleOf({ size: size as keyof typeof sizes, ha: true });
  const names = (role: string, count = 0) => Array.from({ length: count }, (_, at) => `search-${role}-${at}.vespa.svc`);
  const files = applicationPackage({
    hosts: {
      config: names("config", search?.config),
      container: names("container", search?.container),
      content: names("content", search?.content),
    },
    redundancy: search?.redundancy ?? 0,
    heap: 1024,
  });
  const folder = await mkdtemp(join(tmpdir(), "devflow-vespa-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  expect(await judge(folder)).toContain("VALID clusters=[knowledge] containers=[default]");
});
