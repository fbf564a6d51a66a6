import { Config } from "@pulumi/pulumi";
import { checkedSettings } from "./checked.ts";
import type { Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import type { Machine } from "./platform.ts";

/** The program both engines run: reads the stack's configuration and makes its kind of stack. */
export default async function program(): Promise<StackOutputs> {
  const config = new Config("devflow");
  const settings = checkedSettings(config.requireObject("settings"));
  return kinds[settings.stack.kind](settings, config);
}

type Kind = (settings: Settings, config: Config) => Promise<StackOutputs>;

/** One program a kind, loaded when it is asked for: each stands on other libraries, and those take long to load. */
const kinds: Record<Settings["stack"]["kind"], Kind> = {
  local: async (settings, config) =>
    (await import("./local.ts")).local(settings, config.requireObject<Machine>("machine")),
  onprem: async (settings) => (await import("./onprem.ts")).onprem(settings),
  saas: async (settings) => (await import("./saas.ts")).saas(settings),
  dedicated: async (settings) => (await import("./dedicated.ts")).dedicated(settings),
};
