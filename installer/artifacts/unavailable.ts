import type { Upstream } from "../../components/catalogue/index.ts";
import { DevflowError } from "../../components/error.ts";
import type { Attempt } from "./obtaining.ts";
import type { Run } from "./run.ts";
import { Mismatch } from "./skipped.ts";

/** What a person is told when no source is left: every source with its reason, and the ways out. */
export function unavailable(upstream: Upstream, run: Run, attempts: Attempt[]): DevflowError {
  const wrong = attempts.find(({ error }) => error instanceof Mismatch);
  const tried = attempts.map(({ source, error }) => `  ${source}\n    ${error.message}`);
  const what = `${upstream.title} ${upstream.version} for ${run.platform}`;
  const first = wrong
    ? `${what} was refused: ${wrong.error.message}.`
    : `${what} could not be obtained from any of its sources.`;
  const left = run.settings.official ? [] : ["  (release files of the projects are switched off by configuration)"];
  return new DevflowError(
    wrong ? "ARTIFACT_CHECKSUM" : "ARTIFACT_UNAVAILABLE",
    [first, "Tried:", ...tried, ...left].join("\n"),
    {
      hint: wrong
        ? "A mirror or proxy on the way changes files, or its copy is damaged: correct it, name another under artifacts.mirrors, or put a good file into the folder artifacts.offline."
        : "Check the network and HTTPS_PROXY; or name a mirror under artifacts.mirrors; or put the files into a folder and name it as artifacts.offline.",
      cause: wrong?.error,
    },
  );
}
