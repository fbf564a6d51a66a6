import type { GlobalOptions, Io } from "../commands/command.ts";
import { type PlatformApi, platformApi } from "../platform-api.ts";

export interface Options extends GlobalOptions {
  keyFile?: string;
  project?: string;
  /** One name for `chat`, any number for `keys create`. */
  model?: string | string[];
  expires?: string;
  by?: string;
  from?: string;
  to?: string;
  system?: string;
}

export interface Input {
  options: Options;
  args: string[];
  io: Io;
}

/** @throws DevflowError USAGE without an API key */
export function apiOf({ io, options }: Input): Promise<PlatformApi> {
  return platformApi(io, options, {
    needs: "Commands of the AI gateway",
    scopes: "ai:read, ai:manage and ai:run",
    docs: "ai-gateway",
  });
}

/** Dollars with as many digits as tell small sums apart. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  return `$${amount >= 1 ? amount.toFixed(2) : amount.toPrecision(2).replace(/e.*$/, "")}`;
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}
