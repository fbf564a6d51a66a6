import { createRequire } from "node:module";

/**
 * Puts off loading the parts of the SDK that only serialised functions need (TypeScript's compiler and npm's resolver among
 * them): two thirds of what the SDK takes to load, and nothing a program without dynamic providers ever calls. Whoever calls
 * one of their functions gets the real one. The same for its way to drive the CLI, which brings a shell and YAML
 * along. Import it before the SDK itself.
 */
const seldomUsed = {
  "@pulumi/pulumi/runtime/closure/serializeClosure.js": ["serializeFunction", "serializeFunctionAsync"],
  "@pulumi/pulumi/runtime/closure/codePaths.js": ["computeCodePaths"],
};

const require = createRequire(import.meta.url);
for (const [name, functions] of Object.entries(seldomUsed)) putOff(require.resolve(name), functions);
putOffAll(require.resolve("@pulumi/pulumi/automation/index.js"));

/** A module of classes: whoever asks it for anything has it loaded. */
function putOffAll(path: string): void {
  if (require.cache[path]) return;
  const exports = new Proxy({} as Record<string | symbol, unknown>, {
    // The SDK's index asks for nothing else.
    get: (_, name) => (name === "__esModule" ? true : real()[name]),
    // By which `import` looks for what it is to name.
    getOwnPropertyDescriptor: (_, name) =>
      name in real() ? { configurable: true, enumerable: true, value: real()[name] } : undefined,
  });
  const stand = { id: path, filename: path, path, loaded: true, children: [], paths: [], exports };
  require.cache[path] = stand as unknown as NodeJS.Module;

  function real(): Record<string | symbol, unknown> {
    if (require.cache[path] === (stand as unknown)) delete require.cache[path];
    return require(path);
  }
}

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
