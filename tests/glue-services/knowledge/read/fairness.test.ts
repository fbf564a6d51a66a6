import { expect, onTestFinished, test } from "vitest";
import { openReader } from "../../../../glue-services/knowledge/read/reader.ts";

test("one organisation's heavy files, which each take all the time a file may, do not hold up another's", async () => {
  const reader = openReader({ time: 600 });
  onTestFinished(() => reader.close());
  const ended: string[] = [];
  const heavy = { bytes: Buffer.from(`<html>${"<div>".repeat(400_000)}deep`), media: "text/html", name: "deep.html" };
  const light = { bytes: Buffer.from("The emu runs."), media: "text/plain", name: "light.txt" };
  const read = (given: typeof light, organisation: string) =>
    reader
      .read(given, organisation)
      .catch(() => undefined)
      .finally(() => ended.push(organisation));
  await Promise.all([
    ...Array.from({ length: 4 }, () => read(heavy, "heavy")),
    ...Array.from({ length: 3 }, () => read(light, "light")),
  ]);
  expect(ended).toHaveLength(7);
  expect(ended.slice(-2)).toEqual(["heavy", "heavy"]);
});
