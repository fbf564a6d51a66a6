/**
 * Commands of a text for the stack that was named on the command line: without its name they would be about another
 * stack. Global options may stand before the command.
 */
export function forStack(text: string, argv: readonly string[]): string {
  const stack = stackOf(argv);
  if (stack === undefined) return text;
  return text.replaceAll(/(\.\/devflow) (?=[a-z])/g, `$1 --stack ${stack} `);
}

/** Undefined for a name that could not be one: it is not to be pasted into a shell. */
function stackOf(argv: readonly string[]): string | undefined {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const at = own.lastIndexOf("--stack");
  const name = at >= 0 ? own[at + 1] : own.findLast((one) => one.startsWith("--stack="))?.slice("--stack=".length);
  return name !== undefined && /^[a-z][a-z0-9-]*$/.test(name) ? name : undefined;
}
