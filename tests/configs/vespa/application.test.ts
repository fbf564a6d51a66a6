import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../../configs/vespa/${name}`, import.meta.url), "utf8");
const schemas = readdirSync(new URL("../../../configs/vespa/schemas/", import.meta.url));

// Whether Vespa takes it is for Vespa to say: npm run e2e:vespa. This is what would be wrong although it does.
test("every dimension of the search application has its schema, all alike, and is served", () => {
  const sizes = schemas.flatMap((name) => /^chunk_(\d+)\.sd$/.exec(name)?.[1] ?? []);
  expect(sizes.length).toBeGreaterThan(3);
  const served = [...read("services.xml").matchAll(/document type="chunk_(\d+)"/g)].map(([, size]) => size);
  expect(served.toSorted()).toEqual(sizes.toSorted());
  const plain = (size: string) => read(`schemas/chunk_${size}.sd`).replaceAll(size, "N");
  for (const size of sizes) expect(plain(size), size).toBe(plain(sizes[0] as string));
});
