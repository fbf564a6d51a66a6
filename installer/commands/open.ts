import { DevflowError } from "../../components/error.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { lookAt } from "../run/look.ts";
import type { ComponentStatus } from "../run/status.ts";
import { locateStack } from "../stack.ts";
import { browse } from "../terminal/browse.ts";
import type { Command } from "./command.ts";

export const open: Command = {
  name: "open",
  summary: "Open a component in the browser and print its address",
  arguments: [{ name: "component", description: "which one (default: platform)" }],
  examples: [
    { command: "./devflow open", does: "the platform's own pages" },
    { command: "./devflow open code", does: "Git hosting" },
    { command: "./devflow open --json", does: "only the address" },
  ],
  async run({ options, args, io }) {
    const { components } = await lookAt(await locateStack(io, options));
    const name = args[0] ?? "platform";
    const found = components.find((component) => component.name === name);
    if (components.length === 0) throw notRunning("The stack does not run.");
    if (!found?.url)
      throw unknown(
        name,
        components.filter(({ url }) => url).map((component) => component.name),
      );
    if (!io.json) io.out(`${found.url}\n`);
    if (found.state !== "ready") throw notReady(found);
    return { component: name, url: found.url, opened: !io.json && browse(io, found.url) };
  },
};

function notReady({ name, state, reason }: ComponentStatus): DevflowError {
  const message = `${name} is ${state}: ${reason ?? "it does not serve yet"}.`;
  if (state !== "preparing" && state !== "starting" && state !== "waiting") return notRunning(message);
  return new DevflowError("NOT_RUNNING", message, { hint: "`./devflow status --watch` shows how far it is." });
}

function notRunning(message: string): DevflowError {
  return new DevflowError("NOT_RUNNING", message, {
    hint: "`./devflow up` starts it; `./devflow status` shows how it is.",
  });
}

function unknown(name: string, known: string[]): DevflowError {
  const near = nearest(name, known);
  return new DevflowError("NOT_FOUND", `There is no component "${name}" with an address.`, {
    hint: `${near ? `Did you mean ${near}? ` : ""}There are: ${known.join(", ") || "none yet"}.`,
  });
}
