// First, or the SDK is loaded whole.
import "./light-sdk.ts";
import * as runtime from "@pulumi/pulumi/runtime/index.js";
import * as sdkState from "@pulumi/pulumi/runtime/state.js";
import { engineOf, type Log } from "./engine-service.ts";
import type { Monitor } from "./monitor-of.ts";

/** Not among the SDK's declared types; its version is pinned, and the engine's tests run through it. */
const { withLocalStorage, getStore } = sdkState as unknown as {
  withLocalStorage<Result>(work: () => Promise<Result>): Promise<Result>;
  getStore(): { settings: { engine?: unknown } };
};

/** A Pulumi program as a function; it gives the outputs of the stack. */
// biome-ignore lint/suspicious/noConfusingVoidType: a program without outputs is an async function without a return.
export type ProgramBody = () => Promise<Record<string, unknown> | void>;

export interface Program {
  run: ProgramBody;
  project: string;
  stack: string;
  preview: boolean;
  config: Record<string, string>;
  secretConfig: string[];
}

/**
 * Runs a Pulumi program in this process against our monitor, with the SDK's settings in a store of its own, so that one
 * run leaves nothing for the next.
 *
 * @returns every error the program ended with, also those of an `apply` that nobody waited for.
 */
export async function runInProcess(monitor: Monitor, program: Program, log: Log): Promise<unknown[]> {
  const errors = new Set<unknown>();
  const restore = takeRejections((reason) => errors.add(reason));
  try {
    // Run as the SDK's own automation does for a program that is a function (automation/server.js).
    await withLocalStorage(async () => {
      runtime.setMockOptions(monitor, program.project, program.stack, program.preview, "organization");
      getStore().settings.engine = engineOf(log);
      runtime.setAllConfig(program.config, program.secretConfig);
      try {
        await runtime.runInPulumiStack(program.run);
      } catch (error) {
        errors.add(error);
      }
      await runtime.disconnect();
    });
    // An `apply` that threw is an unhandled rejection, told only when the event loop has turned.
    await turn();
    await turn();
  } finally {
    restore();
  }
  return distinct(errors);
}

// --- internal ---

/** Rejections during the run belong to the program: whoever else listens would end the process or blame itself. */
function takeRejections(listener: (reason: unknown) => void): () => void {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listener);
  return () => {
    process.removeListener("unhandledRejection", listener);
    for (const other of others) process.on("unhandledRejection", other);
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The SDK rejects several promises for one cause, some with the same error and some with another of the same text. */
function distinct(errors: Set<unknown>): unknown[] {
  const byText = new Map([...errors].map((error) => [error instanceof Error ? error.message : String(error), error]));
  return [...byText.values()];
}
