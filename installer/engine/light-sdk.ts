import { createRequire } from "node:module";

/**
 * Puts off loading the parts of the SDK that only serialised functions need (TypeScript's compiler and npm's resolver among
 * them): two thirds of what the SDK takes to load, and nothing a program without dynamic providers ever calls. Whoever calls
 * one of their functions gets the real one. Import it before the SDK itself.
 */
const seldomUsed = {
  "@pulumi/pulumi/runtime/closure/serializeClosure.js": ["serializeFunction", "serializeFunctionAsync"],
  "@pulumi/pulumi/runtime/closure/codePaths.js": ["computeCodePaths"],
};

const require = createRequire(import.meta.url);
for (const [name, functions] of Object.entries(seldomUsed)) putOff(require.resolve(name), functions);

function putOff(path: string, functions: string[]): void {
  if (require.cache[path]) return;
  const stand = { id: path, filename: path, path, loaded: true, children: [], paths: [], exports: {} };
  stand.exports = Object.fromEntries(functions.map((name) => [name, (...args: unknown[]) => load(name)(...args)]));
  require.cache[path] = stand as unknown as NodeJS.Module;

  function load(name: string): (...args: unknown[]) => unknown {
    if (require.cache[path] === (stand as unknown)) delete require.cache[path];
    return (require(path) as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
  }
}
