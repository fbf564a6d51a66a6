import { read, sources } from "./sources.ts";

/** What belongs to one machine or to a registry's address; package registries are reached by configuration. */
const refused: { pattern: RegExp; why: string }[] = [
  {
    pattern:
      /registry\.npmjs\.org|registry\.yarnpkg|pypi\.org|pythonhosted\.org|proxy\.golang\.org|sum\.golang\.org|repo1?\.maven|crates\.io/,
    why: "address of a package registry",
  },
  { pattern: /(?:^|[\s"'`=(])\/(?:work|root)\//, why: "path of one machine" },
];

export function words(): string[] {
  return sources(".ts", ".tsx", ".md", ".yaml", ".yml", ".json", ".sh", "devflow", ".ci/run").flatMap((file) => {
    if (file === "tests/check/words.ts") return [];
    return read(file)
      .split("\n")
      .flatMap((line, index) =>
        refused
          .filter(({ pattern }) => pattern.test(line))
          .map(({ why }) => `${file}:${index + 1}: ${why}: ${line.trim().slice(0, 100)}`),
      );
  });
}
