import { expect, test } from "vitest";
import { forStack } from "../../../installer/terminal/for-stack.ts";

test("commands that are shown are for the stack that was named", () => {
  const text = "`./devflow destroy` asks again.\nNext     ./devflow status · ./devflow --stack demo logs -f\n./devflow";
  const said =
    "`./devflow --stack demo destroy` asks again.\nNext     ./devflow --stack demo status · ./devflow --stack demo logs -f\n./devflow";
  for (const argv of [
    ["destroy", "--stack", "demo"],
    ["--stack=demo", "up"],
    ["--stack", "x", "up", "--stack", "demo"],
  ])
    expect(forStack(text, argv)).toBe(said);
});

test("without a stack that is named nothing is changed, nor for a name that is none", () => {
  const text = "`./devflow up` resumes.";
  for (const argv of [["up"], ["up", "--stack"], ["up", "--stack", "$(rm)"], ["api", "--", "--stack", "demo"]])
    expect(forStack(text, argv)).toBe(text);
});
