/**
 * Files that drive a whole platform, by a browser or by killing it again and again: each takes the machine for longer than
 * most others together. Where everything runs they run with the end-to-end suite, one after the other; by their names
 * vitest runs them as any other.
 */
export const whole = [
  "tests/glue-services/code/look.test.ts",
  "tests/glue-services/dashboard/*.test.ts",
  "tests/glue-services/kit/crash.test.ts",
  "tests/glue-services/knowledge/crash.test.ts",
  "tests/glue-services/mcp-gateway/conformance.test.ts",
  "tests/glue-services/notes/by-folder.test.ts",
  "tests/glue-services/projects/crash.test.ts",
];
