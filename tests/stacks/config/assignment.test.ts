import { describe, expect, test } from "vitest";
import { type ConfigInvalid, parseAnswers, resolveLeniently, resolveSettings } from "../../../stacks/config/index.ts";

describe("--set", () => {
  test.each([
    ["components.code=false", "components.code", false],
    ["components.code=off", "components.code", false],
    ["network.port=4500", "network.port", 4500],
    ["organisation.name=A=B", "organisation.name", "A=B"],
    ["organisation.name=5", "organisation.name", "5"],
    ['models.providers=[{"name":"a","kind":"google"}]', "models.providers", [{ name: "a", kind: "google" }]],
  ])("%s is read with the setting's type", (text, path, value) => {
    expect(resolveSettings({ set: [text] }).sources[path]?.value).toEqual(value);
  });

  test.each([
    ["netwrk.port=1", "network.port"],
    ["port=1", "network.port"],
    ["Network.Port=1", "network.port"],
    ["componets=1", "components"],
    ["sizing.postgres.sharedbuffers=1", "sizing.postgres.sharedBuffers"],
  ])("%s is refused with the nearest path", (text, suggestion) => {
    expect(resolveLeniently({ set: [text] }).problems[0]).toMatchObject({ suggestion });
  });

  test.each([
    ["network.port", "no value"],
    ["=3", "no value"],
    ["models.providers=openai", "written as JSON"],
    ["sizing=large", "written as JSON"],
    ["network.port=4400.5", "whole number"],
    ["entirely.different=1", "explain"],
  ])("%s is refused in words", (text, words) => {
    expect(() => resolveSettings({ set: [text] })).toThrow(words);
  });

  test("all wrong flags are told at once, together with the file and the environment", () => {
    const answers = parseAnswers("profil: full\n", "devflow.yaml");
    try {
      resolveSettings({ set: ["a=1", "network.port=x"], answers, env: { DEVFLOW_PROFILE: "huge" } });
      throw new Error("it was accepted");
    } catch (error) {
      expect((error as ConfigInvalid).problems.map(({ file }) => file).sort()).toEqual([
        "--set a",
        "--set network.port",
        "DEVFLOW_PROFILE",
        "devflow.yaml",
      ]);
    }
  });
});
