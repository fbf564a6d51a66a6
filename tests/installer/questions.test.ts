import { describe, expect, test } from "vitest";
import {
  answered,
  answersOf,
  type Draft,
  newDraft,
  problemOf,
  type Question,
  questions,
  valueAt,
} from "../../installer/questions.ts";
import { memoryOf, schemaAt, validateAnswers } from "../../stacks/config/index.ts";

const draft = (given: Record<string, unknown> = {}, free = 2048): Draft => newDraft(given, {}, free);
const question = (path: string) => questions.find((one) => one.path === path) as Question;
const asked = (state: Draft) => questions.filter((one) => one.when(state)).map(({ path }) => path);

test("every question asks for a setting, explains it, has a valid default and says what it costs where it costs something", () => {
  for (const one of questions) {
    const state = draft({ "secrets.backend": "onepassword", "secrets.onepassword.vault": "team" });
    expect(schemaAt(one.path.split("."))).toBeDefined();
    expect(one.help.length).toBeGreaterThan(20);
    expect(one.cost(state)).not.toBe("");
    const preset = one.default(state);
    if (preset !== "") expect([one.path, problemOf(one.path, preset)]).toEqual([one.path, undefined]);
    for (const choice of one.choices?.(state) ?? []) expect(problemOf(one.path, choice.value)).toBeUndefined();
  }
});

describe("which questions are asked", () => {
  test("a stack on localhost needs no address for certificates, vault or telemetry endpoint", () => {
    expect(asked(draft())).toEqual([
      "stack.kind",
      "profile",
      "network.domain",
      "organisation.name",
      "organisation.administrator.name",
      "organisation.administrator.email",
      "components.storage",
      "components.code",
      "components.metrics",
      "models.providers",
      "secrets.backend",
      "telemetry.enabled",
    ]);
  });

  test.each([
    ["network.domain", "dev.example.com", "network.email"],
    ["secrets.backend", "onepassword", "secrets.onepassword.vault"],
    ["telemetry.enabled", true, "telemetry.endpoint"],
  ])("%s = %s asks for %s", (path, value, follows) => {
    expect(asked(answered(draft(), question(path), value, {}))).toContain(follows);
  });

  test("an answer that no longer applies goes with what made it apply", () => {
    const real = draft({ "network.domain": "dev.example.com", "network.email": "ops@example.com" });
    expect(answered(real, question("network.domain"), "localhost", {}).given).toEqual({
      "network.domain": "localhost",
    });
    const vault = draft({
      "secrets.backend": "onepassword",
      "secrets.onepassword.vault": "a",
      "secrets.onepassword.mode": "cli",
    });
    expect(answered(vault, question("secrets.backend"), "env", {}).given).toEqual({ "secrets.backend": "env" });
  });
});

describe("products and memory", () => {
  test("a product that the profile has already is left to the profile", () => {
    const same = answered(draft({ profile: "standard" }), question("components.code"), true, {});
    expect(same.given).toEqual({ profile: "standard" });
    const other = answered(same, question("components.code"), false, {});
    expect(other.given).toEqual({ profile: "standard", "components.code": false });
    expect(answered(other, question("components.code"), true, {}).given).toEqual({ profile: "standard" });
  });

  test("the sum runs over what was chosen before", () => {
    const all = draft();
    expect(question("components.metrics").cost(all)).toBe("130 MiB; 1.3 GiB with the above, of 2.0 GiB free");
    const without = draft({ "components.storage": false, "components.code": false });
    const { total } = memoryOf(without.settings);
    expect(question("components.metrics").cost(without)).toBe(`130 MiB; ${total} MiB with the above, of 2.0 GiB free`);
    expect(total).toBeLessThan(memoryOf(all.settings).total);
  });

  test("every profile is offered with its memory", () => {
    expect(
      question("profile")
        .choices?.(draft())
        .map(({ name }) => name.replace(/ +/g, " ")),
    ).toEqual([expect.stringMatching(/^Minimal 3\d\d MiB$/), "Standard 1.3 GiB", "Full 2.9 GiB"]);
  });

  test("what needs more than is asked here cannot be chosen, and says why", () => {
    const choices = question("stack.kind").choices?.(draft()) ?? [];
    expect(choices.filter(({ disabled }) => !disabled).map(({ value }) => value)).toEqual(["local", "onprem", "saas"]);
    expect(choices.filter(({ disabled }) => disabled?.includes("needs an account"))).toHaveLength(1);
  });
});

test("answers come out in the schema's order, whatever order they were given in", () => {
  const answers = answersOf(draft({ "telemetry.enabled": false, "network.domain": "localhost", profile: "full" }));
  expect(Object.keys(answers)).toEqual(["version", "profile", "network", "telemetry"]);
  expect(validateAnswers(answers)).toEqual([]);
});

test("the environment's settings are what the wizard proposes", () => {
  const state = newDraft({}, { DEVFLOW_NETWORK_DOMAIN: "box.lan" }, 2048);
  expect(valueAt(state.settings, "network.domain")).toBe("box.lan");
  expect(question("network.domain").default(state)).toBe("box.lan");
});
