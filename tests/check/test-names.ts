import { read, sources } from "./sources.ts";

/** Test titles used more than once, and tests that would not run. */
export function testNames(): string[] {
  const seen = new Map<string, string>();
  return sources(".test.ts").flatMap((file) => {
    const text = read(file);
    const repeated = titles(text).flatMap((title) => {
      const former = seen.get(title);
      seen.set(title, file);
      return former === undefined ? [] : [`"${title}" stands in ${former} and in ${file}`];
    });
    const idle = [...text.matchAll(/\b(?:it|test|describe)\.(?:skip|only|todo)\b/g)].map(
      ([call]) => `${file}: ${call}`,
    );
    return [...repeated, ...idle];
  });
}

function titles(text: string): string[] {
  const found = text.matchAll(/^\s*(?:it|test)(?:\.concurrent|\.sequential)?\(\s*(["'`])((?:(?!\1).)+)\1/gm);
  return [...found].map(([, , title = ""]) => title);
}
