/** From and to of each line that is the fence of a code block of Markdown, which says nothing to who reads a passage. */
export function fencesOf(text: string): [from: number, to: number][] {
  return [...text.matchAll(/^[ \t]*(?:```|~~~)[\w+-]*[ \t]*(?:\n|$)/gm)].map(({ index, 0: line }) => [
    index,
    index + line.length,
  ]);
}

export function withoutFences(text: string): string {
  return fencesOf(text)
    .reduceRight((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), text)
    .trim();
}
