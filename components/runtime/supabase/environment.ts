import { type Input, interpolate, type Output, output } from "@pulumi/pulumi";

/**
 * A file of variables for a program that reads its secrets from its environment only: sourced by the shell that becomes
 * the program, so that neither the engine's own record of the container nor a command line shows them.
 */
export function environmentFile(variables: Record<string, Input<string>>): Output<string> {
  return output(variables).apply((values) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${quoted(String(value))}\n`)
      .join(""),
  );
}

/** Runs `script` with the variables of `file`; it should end in `exec`. */
export function withEnvironment(file: Output<string>, script: Input<string>): Input<string>[] {
  return ["/bin/sh", "-c", interpolate`set -eu; set -a; . "$0"; set +a; ${script}`, file];
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
