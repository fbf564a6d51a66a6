import { expect, it } from "vitest";
import {
  argumentsFrom,
  draftOf,
  emptyOf,
  formOf,
  type Schema,
} from "../../../../glue-services/dashboard/web/src/pages/mcp/arguments.ts";
import { wholeNumbers } from "../../../seeded.ts";

const schema: Schema = {
  type: "object",
  required: ["city", "days"],
  properties: {
    city: { type: "string", description: "Where." },
    days: { type: "integer", default: 3 },
    exact: { type: "boolean" },
    unit: { enum: ["metric", 7, null] },
    until: { anyOf: [{ type: "string" }, { type: "null" }] },
    names: { type: "array", items: { type: "string" } },
    filter: {
      type: "object",
      required: ["min"],
      properties: { min: { type: "number" }, tags: { type: "array", items: { $ref: "#/$defs/tag" } } },
    },
    anything: {},
  },
  $defs: { tag: { type: "object", properties: { name: { type: "string" } } } },
};

it("a form of a tool's arguments has what its schema says: kinds, required ones, defaults, descriptions, nested ones", () => {
  const { fields } = formOf(schema);
  expect(fields.map(({ name, is, required }) => [name, is, required])).toEqual([
    ...[
      ["city", "text", true],
      ["days", "number", true],
      ["exact", "yes-no", false],
      ["unit", "choice", false],
      ["until", "text", false],
      ["names", "list", false],
      ["filter", "group", false],
      ["anything", "json", false],
    ],
  ]);
  expect(fields[0]?.description).toBe("Where.");
  expect(emptyOf(formOf(schema))).toMatchObject({ days: "3", names: [] });
});

it("what was left empty is left out, and what is required or wrong is said at its field", () => {
  const form = formOf(schema);
  const draft = emptyOf(form) as Record<string, never>;
  expect(argumentsFrom(form, draft)).toEqual({ given: { days: 3 }, problems: { city: "Required." } });
  const wrong = { ...draft, city: "Bern", days: "1.5", filter: { min: "", tags: [{ name: "a" }] }, anything: "{" };
  expect(argumentsFrom(form, wrong as never).problems).toEqual({
    ...{ days: "Enter a whole number.", "filter.min": "Required.", anything: "This is not JSON." },
  });
  const right = { ...draft, city: "Bern", exact: false, unit: "7", anything: '[1,{"a":null}]', names: ["x"] };
  expect(argumentsFrom(form, right as never)).toEqual({
    ...{
      given: { city: "Bern", days: 3, exact: false, unit: 7, anything: [1, { a: null }], names: ["x"] },
      problems: {},
    },
  });
});

it("arguments that were entered as JSON are the same after a turn to the form and back, and a schema that refers to itself ends", () => {
  const below = wholeNumbers(12);
  const form = formOf(schema);
  for (let n = 0; n < 500; n++) {
    const given = {
      ...{ city: `c${below(9)}`, days: below(100) },
      ...(below(2) && { exact: below(2) === 1 }),
      ...(below(2) && { unit: ["metric", 7][below(2)] }),
      ...(below(2) && { names: Array.from({ length: 1 + below(3) }, () => `n${below(9)}`) }),
      ...(below(2) && { filter: { min: below(5) / 2, tags: [{ name: "t" }] } }),
      ...(below(2) && { anything: { deep: [below(3), null, "x"] } }),
    };
    expect(argumentsFrom(form, draftOf(form, given))).toEqual({ given, problems: {} });
  }
  const tree: Schema = { properties: { node: { $ref: "#/$defs/node" } } };
  tree.$defs = { node: { type: "object", properties: { child: { $ref: "#/$defs/node" } } } };
  expect(JSON.stringify(formOf(tree))).toContain('"is":"json"');
});
