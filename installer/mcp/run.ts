import { createInterface } from "node:readline";
import { DevflowError } from "../../components/error.ts";
import { portsFrom } from "../../stacks/ports.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { chosenContext } from "../contexts/choose.ts";
import { keyOf } from "../platform-api.ts";
import { loadSettings } from "../settings.ts";
import { bridge } from "./bridge.ts";

export interface Options extends GlobalOptions {
  server?: string;
  url?: string;
  context?: string;
  keyFile?: string;
}

/** @throws DevflowError USAGE without a key, or for an address that is none */
export async function speak({ options, io }: { options: Options; io: Io }): Promise<void> {
  const context = options.url === undefined ? await chosenContext(io.env, options) : undefined;
  const key = (await keyOf(io, options.keyFile)) ?? context?.key;
  if (key === undefined) {
    throw new DevflowError("USAGE", "The MCP gateway needs an API key of the organisation.", {
      hint: "Sign in with `./devflow login ADDRESS`; or make one in the dashboard with the scope mcp:use and those of what agents shall do, and give its file as --key-file or itself in DEVFLOW_API_KEY.",
      docs: "mcp",
    });
  }
  await bridge({
    ...{ key, url: await addressOf({ ...options, ...(context && { url: context.url }) }, io), signal: io.signal },
    lines: createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
    write: (line) => io.out(`${line}\n`),
    tell: io.err,
  });
}

async function addressOf(options: Options, io: Io): Promise<string> {
  const path = options.server === undefined ? "/mcp" : `/mcp/servers/${encodeURIComponent(options.server)}`;
  if (options.url === undefined) {
    const { settings } = await loadSettings({ options, env: io.env, cwd: io.cwd });
    return `http://127.0.0.1:${portsFrom(settings.network.port).platform}${path}`;
  }
  const safe = URL.canParse(options.url) && new URL(options.url);
  const local = safe && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(safe.hostname);
  if (!safe || (safe.protocol !== "https:" && !(safe.protocol === "http:" && local))) {
    throw new DevflowError("USAGE", `${options.url} is not an address that a key may be sent to.`, {
      hint: "Give the https:// address of the platform.",
      docs: "mcp",
    });
  }
  return new URL(path, safe).href;
}
