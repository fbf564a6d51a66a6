import { markerVariable } from "./marker.ts";

const inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];
const proxies = ["http_proxy", "https_proxy", "no_proxy", "all_proxy"];

/**
 * A process sees its specification's environment and, below it, the few variables every program may rely on. What else
 * the person's shell had (tokens, agents, editors' settings) stays out.
 */
export function childEnvironment(wanted: Record<string, string>, marker: string): Record<string, string> {
  return { ...inheritedEnvironment(), ...wanted, [markerVariable]: marker };
}

/** The part of this process's own environment that goes on to others. */
export function inheritedEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = [...inherited, ...proxies, ...proxies.map((name) => name.toUpperCase())];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
