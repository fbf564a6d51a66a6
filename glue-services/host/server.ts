/**
 * Entry of the glue host: `node glue-services/host/server.ts`, configured by environment variables only
 * (environment.ts lists them).
 */
import { enableCompileCache } from "node:module";

// Keeps the stripped and compiled code, so that later starts neither load the TypeScript parser nor compile anew.
enableCompileCache();

try {
  const { start } = await import("./host.ts");
  await start(process.env);
} catch (error) {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(
    `${JSON.stringify({ level: 60, time: Date.now(), err: { name, message, stack }, msg: "could not start" })}\n`,
  );
  process.exitCode = 1;
}
