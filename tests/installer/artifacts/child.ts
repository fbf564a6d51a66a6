import { createArtifacts } from "../../../installer/artifacts/index.ts";

/** A second process that obtains a program: its options are the argument, what it reports goes to stdout line by line. */
const { ref, ...options } = JSON.parse(process.argv[2] ?? "") as Parameters<typeof createArtifacts>[0] & {
  ref: { name: string; version: string };
};
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const signal = new AbortController().signal;
  say({ made: await createArtifacts(options).obtain(ref, { signal, report: say }) });
} catch (error) {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  say({ error: { code, message, hint } });
}
process.exit();
