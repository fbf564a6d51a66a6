import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import { apiOf, type Input, type Source } from "./input.ts";

export async function listSources(input: Input): Promise<Source[]> {
  const { io } = input;
  const sources = await (await apiOf(input)).call<Source[]>("GET", "/api/knowledge/sources");
  if (io.json) return sources;
  if (sources.length === 0) {
    say(io, "Nothing was added yet. `./devflow knowledge add https://…` reads a site.");
    return sources;
  }
  const lines = table(onStdout(io), sources, [
    { title: "NAME", value: ({ name }) => name },
    { title: "KIND", value: ({ kind }) => kind },
    { title: "PAGES", value: ({ pages }) => String(pages), align: "right" },
    { title: "STATE", value: stateOf },
    { title: "READ", value: ({ readAt }) => readAt?.slice(0, 16).replace("T", " ") ?? "never" },
    { title: "AGAIN", value: ({ refreshHours }) => (refreshHours ? `every ${refreshHours} h` : "") },
    { title: "ADDRESS", value: ({ address, name }) => (address === name ? "" : (address ?? "")) },
    { title: "ID", value: ({ id }) => id },
  ]);
  io.out(`${lines.join("\n")}\n`);
  for (const { name, run } of sources) if (run?.state === "failed" && run.note) io.err(`${name}: ${run.note}\n`);
  return sources;
}

function stateOf({ state, run, problems }: Source): string {
  if (run?.state === "running") return `${run.read + run.unchanged + run.skipped + run.failed} of ${run.found}`;
  return problems.failed > 0 ? `${state}, ${problems.failed} failed` : state;
}
