import { expect, it } from "vitest";
import { clash } from "../../../installer/preflight/subnets.ts";

it("networks that share addresses are told, whichever of them is the larger", () => {
  const taken = [{ by: "network office", subnet: "10.200.0.0/14" }];
  expect(clash(["10.201.0.0/24"], taken)).toEqual({ subnet: "10.201.0.0/24", by: "network office" });
  expect(clash(["10.0.0.0/8"], taken)).toEqual({ subnet: "10.0.0.0/8", by: "network office" });
  expect(clash(["10.204.0.0/24", "192.168.7.0/24"], taken)).toBeUndefined();
  expect(clash(["10.1.0.0/24", "10.1.0.128/25"], [])).toEqual({
    subnet: "10.1.0.128/25",
    by: "the stack's other network",
  });
});
