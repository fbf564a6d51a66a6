import { ownMemory, withDescendants } from "../../machine/processes.ts";
import { bytes } from "../../terminal/human.ts";
import type { Check, CheckInput } from "../check.ts";
import { memoryOf } from "../machine/memory.ts";

const mebibyte = 1024 * 1024;

export const memory: Check = {
  name: "memory",
  title: "Memory",
  why: "Too little memory makes the system kill programs at random, most often the database.",
  async run(input, signal) {
    const { available, total, swapFree, limitedBy } = await memoryOf(input.facts, signal);
    const running = heldByUs(input);
    const needed = Math.max(0, input.needs.memory * mebibyte - running);
    const swap = swapFree > 0 ? `, and ${bytes(swapFree)} of swap` : "";
    const limit = limitedBy ? `, limited by ${limitedBy}` : "";
    const result = `${bytes(needed)}${running > 0 ? " more" : ""} of memory needed, ${bytes(available)} of ${bytes(total)} available${swap}${limit}`;
    const data = { needed, running, available, total, swapFree, limitedBy };
    if (needed <= available) return { status: "ok", result, data };
    return {
      // With swap it will run, slowly; without, the system would kill something.
      status: needed <= available + swapFree ? "warn" : "fail",
      result,
      fix: advice(input, limitedBy),
      data,
    };
  },
};

/** Bytes that the stack's running programs have already. */
function heldByUs({ facts, owned }: CheckInput): number {
  if (owned.pids.length === 0) return 0;
  return withDescendants(owned.pids, facts.proc).reduce((sum, pid) => sum + ownMemory(pid, facts.proc), 0);
}

function advice({ settings }: CheckInput, limitedBy: string | undefined): string {
  const smaller =
    settings.profile === "minimal" ? "" : ", or choose a smaller profile: `./devflow up --set profile=minimal`";
  return `${limitedBy ? "Raise the limit of the container or service" : "Close other programs"}${smaller}`;
}
