import { afterAll, beforeAll, expect, it } from "vitest";
import { sdk } from "../../components/sdk.ts";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";

/** What the program gave each resource of AWS, before the SDK took from it what it knows. */
const given: { type: string; name: string; keys: string[] }[] = [];
const own = sdk.aws;
let goals: Goal[];

beforeAll(async () => {
  sdk.aws = () => recorded(own());
  const evaluation = await declared(exampleSettings("dedicated"));
  expect(evaluation.errors).toEqual([]);
  goals = evaluation.goals;
});
afterAll(() => {
  sdk.aws = own;
});

it("the provider knows every input that a resource of AWS is given: its SDK silently drops those it does not know", () => {
  expect(given.length).toBeGreaterThan(100);
  const resources = given.filter(({ type }) => type.includes(":"));
  const dropped = resources.flatMap(({ type, name, keys }) => {
    const goal = goals.find((one) => one.type === type && one.name === name);
    return keys.filter((key) => !(key in (goal?.inputs ?? {}))).map((key) => `${type} ${name}: ${key}`);
  });
  expect(dropped).toEqual([]);
});

/** The same SDK, which writes down what its resources are made with. */
function recorded<Module extends object>(module: Module): Module {
  return new Proxy(module, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value === "object" && value !== null) return recorded(value);
      if (typeof value !== "function" || !("__pulumiType" in value)) return value;
      const type = String(value.__pulumiType);
      return new Proxy(value, {
        construct(Resource, [name, args, options]: [string, object, unknown]) {
          const keys = Object.entries(args ?? {}).filter(([, input]) => input !== undefined);
          given.push({ type, name, keys: keys.map(([key]) => key) });
          return Reflect.construct(Resource, [name, args, options]) as object;
        },
      });
    },
  });
}
