import type { StackPaths } from "../components/provider/paths.ts";
import { openStore, type StateStore } from "./engine/store.ts";

/** The state of a stack, opened with `DEVFLOW_STATE_PASSPHRASE` where one is given, else with the stack's key file. */
export function stackState(paths: StackPaths, env: NodeJS.ProcessEnv = process.env): StateStore {
  const passphrase = env.DEVFLOW_STATE_PASSPHRASE;
  return openStore({ file: paths.state, ...(passphrase ? { passphrase } : { keyFile: paths.key }) });
}
