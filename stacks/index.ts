import { Config, type Output } from "@pulumi/pulumi";
import { DevflowError } from "../components/error.ts";
import type { Settings } from "./config/index.ts";
import { local } from "./local.ts";
import type { Machine } from "./platform.ts";

/** The program both engines run: reads the stack's configuration and makes its kind of stack. */
export default async function program(): Promise<Record<string, Output<unknown>>> {
  const config = new Config("devflow");
  const settings = config.requireObject<Settings>("settings");
  const { kind } = settings.stack;
  if (kind === "local") return local(settings, config.requireObject<Machine>("machine"));
  throw new DevflowError("UNSUPPORTED", `Stacks of kind ${kind} are not part of this release.`, {
    hint: "Use `stack.kind: local`.",
  });
}
