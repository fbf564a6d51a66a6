import { expect, test } from "vitest";
import { allowsPath, readRobots } from "../../../../glue-services/knowledge/read/robots.ts";

const read = (text: string) => readRobots(Buffer.from(text));
const allows = (text: string, path: string) => allowsPath(read(text).rules, path);

test("a robots.txt is kept to as RFC 9309 says: the crawler's own groups, the longest rule, wildcards and ends", () => {
  const cases: [string, string, boolean][] = [
    ["", "/a", true],
    ["User-agent: *\nDisallow: /", "/a", false],
    ["User-agent: *\nDisallow: /\n\nUser-agent: devflow-knowledge/2.0\nDisallow: /x", "/a", true],
    ["User-agent: other\nUser-agent: DevFlow-Knowledge\nDisallow: /a", "/a/b", false],
    ["User-agent: DevFlow-Knowledge\nDisallow: /a\n\nUser-agent: DevFlow-Knowledge\nDisallow: /b", "/b", false],
    ["User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true],
    ["User-agent: *\nDisallow: /a\nAllow: /a", "/a", true],
    ["User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", false],
    ["User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", true],
    ["User-agent: *\nDisallow: /a*b*c", "/a-c-b", true],
    ["User-agent: *\nDisallow: /a*b*c", "/a-b-b-c-d", false],
    ["User-agent: *\nDisallow: /a$", "/a", false],
    ["User-agent: *\nDisallow: /a$", "/ab", true],
    ["User-agent: *\nDisallow:", "/a", true],
    ["User-agent: *\nDisallow: /f%C3%BCr", "/für", false],
    ["User-agent: *\nDisallow: /für", "/f%c3%bcr", false],
    ["\ufeffUser-agent: *\r\nDisallow: /a # why\r\n", "/a", false],
    ["Disallow: /a", "/a", true],
    ["User-agent: *\nNoise: 1\nUser-agent: x\nDisallow: /a", "/a", false],
  ];
  for (const [text, path, may] of cases) expect([text, path, allows(text, path)]).toEqual([text, path, may]);
  expect(read("Sitemap: /s.xml\nUser-agent: *\nCrawl-delay: 2.5\nSitemap: https://e.com/t.xml")).toEqual({
    rules: [],
    delay: 2.5,
    sitemaps: ["/s.xml", "https://e.com/t.xml"],
  });
});

test("of a robots.txt no more is kept than each address can be weighed by", () => {
  const { rules } = read(`User-agent: *\n${`Disallow: /${"*a".repeat(900)}*b\n`.repeat(280)}`);
  expect(allowsPath(rules, `/${"a".repeat(900)}`)).toBe(true);
  expect(read(`User-agent: *\n${"Disallow: /a\n".repeat(40_000)}`).rules).toHaveLength(10_000);
  expect(read(`User-agent: *\nDisallow: /${"a".repeat(5000)}`).rules).toEqual([]);
});
