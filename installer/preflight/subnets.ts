/** The first of some networks that shares addresses with one that is taken, or with another of them. */
export function clash(
  wanted: string[],
  taken: { by: string; subnet: string }[],
): { subnet: string; by: string } | undefined {
  for (const [index, subnet] of wanted.entries()) {
    const others = wanted.slice(0, index).map((other) => ({ by: "the stack's other network", subnet: other }));
    const found = [...others, ...taken].find((other) => overlap(subnet, other.subnet));
    if (found) return { subnet, by: found.by };
  }
  return undefined;
}

/** Two blocks of powers of two overlap when the smaller one begins in the larger. */
function overlap(one: string, other: string): boolean {
  const [first, second] = [rangeOf(one), rangeOf(other)];
  if (!first || !second) return false;
  return first.from <= second.to && second.from <= first.to;
}

/** undefined for what is not IPv4. */
function rangeOf(subnet: string): { from: number; to: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(subnet);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const from = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { from, to: from + size - 1 };
}
