import { checkedLayer, joined, type Layer } from "./layer.ts";
import { nearest } from "./nearest.ts";
import { leaves, unflatten } from "./paths.ts";
import { fromText } from "./text.ts";

/** `sizing.postgres.sharedBuffers` → `DEVFLOW_SIZING_POSTGRES_SHARED_BUFFERS` */
export function variableOf(path: string): string {
  return `DEVFLOW_${path.replace(/[A-Z]/g, "_$&").replaceAll(".", "_").toUpperCase()}`;
}

/** Settings that the environment gives. An empty variable counts as not set. */
export function environmentLayer(env: NodeJS.ProcessEnv): Layer {
  const layers = leaves.flatMap(({ path, schema }) => {
    const name = variableOf(path);
    const text = env[name];
    if (text === undefined || text === "") return [];
    const value = unflatten([[path, fromText(text, schema)]]);
    return [checkedLayer(value, () => ({ file: name, line: undefined, column: undefined }))];
  });
  return joined(layers);
}

/** Variables that are no setting but look like a misspelt one. */
export function environmentWarnings(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("DEVFLOW_") && !variables.includes(name) && !isReserved(name))
    .flatMap((name) => {
      // Compared without the prefix they share, which would make every name look near.
      const near = nearest(name.slice(8), [
        ...variables.map((known) => known.slice(8)),
        ...reservedNames.map((r) => r.slice(8)),
      ]);
      return near ? [`${name} is no setting and has no effect; did you mean DEVFLOW_${near}?`] : [];
    });
}

const variables = leaves.map(({ path }) => variableOf(path));

/** Variables that other parts read. */
const reservedNames = [
  "DEVFLOW_HOME",
  "DEVFLOW_CACHE",
  "DEVFLOW_ANSWERS",
  "DEVFLOW_STATE_PASSPHRASE",
  "DEVFLOW_HOSTS_FILE",
];
const reservedPrefixes = ["DEVFLOW_NODE_", "DEVFLOW_TEST_", "DEVFLOW_INTERNAL_", "DEVFLOW_CONFIG_"];

function isReserved(name: string): boolean {
  return reservedNames.includes(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix));
}
