import { runProgram } from "./engine/engine.ts";
import type { StackEngine } from "./run/engine.ts";
import type { OpenStack } from "./stack.ts";

/** The engine in this process, for stacks of native processes. */
export function embeddedEngine(stack: Omit<OpenStack, "engine">): StackEngine {
  return {
    run: (options) =>
      runProgram({
        program: stack.program,
        project: "devflow",
        stack: stack.name,
        config: stack.config,
        providers: stack.providers,
        host: stack.host,
        store: stack.store,
        parallel: stack.settings.engine.parallel,
        ...options,
      }),
    async inputs() {
      const { resources } = await stack.store.load();
      return new Map([...resources].map(([urn, { inputs }]) => [urn, inputs]));
    },
  };
}
