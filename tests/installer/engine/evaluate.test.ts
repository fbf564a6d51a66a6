import { ComponentResource, CustomResource, Output, secret } from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { evaluate } from "../../../installer/engine/index.ts";

class Box extends CustomResource {
  declare readonly address: Output<string>;
  constructor(name: string, args: Record<string, unknown>, parent: ComponentResource) {
    super("other:index:Box", name, { address: undefined, ...args }, { parent, protect: true });
  }
}

it("a program of other providers' resources is seen whole, and nothing is asked of anybody", async () => {
  const { goals, outputs, errors } = await evaluate({
    project: "devflow",
    stack: "test",
    config: { "devflow:target": "docker" },
    outputsOf: ({ type }) => (type === "other:index:Box" ? { address: "10.0.0.1" } : {}),
    program: async () => {
      const parent = new ComponentResource("devflow:thing", "thing");
      const first = new Box("first", { password: secret("quiet") }, parent);
      const second = new Box("second", { at: first.address }, parent);
      return { address: second.address, all: Output.create([first.id]) };
    },
  });
  expect(errors).toEqual([]);
  expect(outputs).toEqual({ address: "10.0.0.1", all: ["first-id"] });
  const boxes = goals.filter(({ type }) => type === "other:index:Box");
  expect(boxes.map(({ name, protect }) => [name, protect])).toEqual([
    ["first", true],
    ["second", true],
  ]);
  expect(boxes[1]?.inputs).toEqual({ at: "10.0.0.1" });
  expect(boxes[1]?.dependencies).toEqual([boxes[0]?.urn]);
  expect(JSON.stringify(boxes[0]?.inputs)).toContain("1b47061264138c4ac30d75fd1eb44270");
});
