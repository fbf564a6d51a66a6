import type { AnswersFile } from "./document.ts";
import { checkedLayer, type Layer, type Where } from "./layer.ts";
import type { Segments } from "./paths.ts";

/** What an answers file gives, with every problem at its line. */
export function answersLayer(answers: AnswersFile | undefined): Layer {
  if (!answers) return { values: new Map(), problems: [] };
  return checkedLayer(answers.value, (segments, at) => placeIn(answers, segments, at));
}

/** Where a setting stands in the file, or the nearest section around it. */
export function placeIn(answers: AnswersFile, segments: Segments, at: "key" | "value"): Where {
  const found = answers.locate(segments, at);
  return { file: answers.file, line: found?.line, column: found?.column };
}
