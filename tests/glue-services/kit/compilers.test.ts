import { expect, test } from "vitest";
import { schemaController } from "../../../glue-services/kit/compilers.ts";

const { buildValidator, buildSerializer } = schemaController.compilersFactory ?? {};
const options = { customOptions: { coerceTypes: true } };
const route = { method: "GET", url: "/" };

test("a schema is compiled once for all routes and apps, and anew where it, what it refers to or the options differ", () => {
  const name = (maxLength: number) => ({ $id: "Name", type: "string", maxLength });
  const body = () => ({ type: "object", properties: { name: { $ref: "Name#" } } });
  const validator = (externals: object, schema: object = body(), how: object = options) =>
    (buildValidator as unknown as Build)(externals, how)({ ...route, schema });
  const short = validator({ Name: name(3) });
  expect(validator({ Name: name(3) })).toBe(short);
  expect([short({ name: "Ada" }), short({ name: "Grace" })]).toEqual([true, false]);
  const long = validator({ Name: name(30) });
  expect(long({ name: "Grace" })).toBe(true);
  expect(short({ name: "Grace" })).toBe(false);
  expect(validator({ Name: name(3) }, { ...body(), required: ["name"] })({})).toBe(false);
  expect(short({ name: 1 })).toBe(true);
  expect(validator({ Name: name(3) }, body(), { customOptions: { coerceTypes: false } })({ name: 1 })).toBe(false);
});

test("what serialises an answer leaves out what its schema does not name, also when another app's schema names it", () => {
  const serialise = (...names: string[]) => {
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    return (buildSerializer as unknown as Build<string>)({}, {})({ ...route, schema: { type: "object", properties } });
  };
  const both = { name: "Ada", secret: "x" };
  expect(serialise("name", "secret")(both)).toBe('{"name":"Ada","secret":"x"}');
  expect(serialise("name")(both)).toBe('{"name":"Ada"}');
  expect(serialise("name")).toBe(serialise("name"));
});

type Build<Answer = boolean> = (externals: object, options: object) => (given: object) => (data: unknown) => Answer;
