import { read, sources } from "./sources.ts";

/**
 * Commands in a sentence without backquotes, which a terminal would break over lines and nobody could copy. One that is
 * a string of its own, or begins it as an example does, needs none.
 */
export function commandsInProse(): string[] {
  return sources(".ts")
    .filter((file) => /^(installer|components|stacks|glue-services)\//.test(file))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((line, index) =>
          bare(line) ? [`${file}:${index + 1}: a command in a sentence needs backquotes`] : [],
        ),
    );
}

/** Whether a line of source has one. Comments and web pages, where markup tells commands apart, are not asked. */
function bare(line: string): boolean {
  if (/^\s*(\*|\/\/|\/\*)/.test(line) || /<code>|action:/.test(line)) return false;
  const outside = line.replace(/\\`/g, "¶").replace(/`(?:[A-Z_]+=\S+ |[^`]*\| )?\.\/devflow[^`]*`|¶[^¶]*¶/g, "");
  return (
    /["'`][^"'`]*[a-z,:;.)] \.\/devflow [a-z]/.test(outside) || /["'`]\.\/devflow [^"'`(]*[;,.] [a-z]/.test(outside)
  );
}
