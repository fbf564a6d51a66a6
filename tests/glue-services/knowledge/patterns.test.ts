import { expect, test } from "vitest";
import { scopeOf } from "../../../glue-services/knowledge/crawl/address.ts";
import { wanted } from "../../../glue-services/knowledge/git/repository.ts";

// Compiled to a regular expression, this pattern needs minutes for such a path; the test would run into its time.
const stars = `${"*a".repeat(11)}*b`;
const long = "a".repeat(2000);

test("patterns of many stars in a source's settings are weighed at once, of a site and of a repository", () => {
  const site = scopeOf("https://example.com/", { include: Array.from({ length: 50 }, () => stars) });
  expect(site.has(new URL(`https://example.com/${long}`))).toBe(false);
  expect(site.has(new URL(`https://example.com/${long}b`))).toBe(true);
  const repository = wanted({ exclude: Array.from({ length: 50 }, () => stars) });
  expect(repository(long)).toBe(true);
  expect(repository(`${long}b`)).toBe(false);
});

test("patterns of a site are beginnings of paths, with their parameters as they are", () => {
  const { has } = scopeOf("https://example.com/docs/", {
    include: ["docs/*/guide", "/api?v=2", "*.html"],
    exclude: ["/docs/old"],
  });
  for (const [path, is] of [
    ["/docs/v1/guide/a", true],
    ["/docs/v1/other", false],
    ["/docs/old/guide", false],
    ["/api?v=2&x=1", true],
    ["/apiXv=2", false],
    ["/deep/page.html", true],
    ["/deep/pageXhtml", false],
  ] as const) {
    expect([path, has(new URL(path, "https://example.com"))]).toEqual([path, is]);
  }
});

test("without patterns a site is what lies below its address, not what only begins alike", () => {
  const { has } = scopeOf("https://example.com/docs", {});
  for (const [path, is] of [
    ["/docs", true],
    ["/docs?page=2", true],
    ["/docs/a", true],
    ["/docs-old/a", false],
    ["/", false],
  ] as const) {
    expect([path, has(new URL(path, "https://example.com"))]).toEqual([path, is]);
  }
  expect(scopeOf("https://example.com/a*b/", {}).has(new URL("https://example.com/axxb/c"))).toBe(false);
});
