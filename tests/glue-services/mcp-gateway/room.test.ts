import { expect, it } from "vitest";
import { type Kept, toEnd } from "../../../glue-services/mcp-gateway/federation/kept.ts";

const most = { ofHolder: 3, all: 6 };
const kept = (holder: string, used: number, open = 0): Kept => ({ holder, used, open });

it("room is made among one's own first, then with whoever has the most, and what is in use ends last", () => {
  const all = new Map([
    ["a1", kept("a", 1, 1)],
    ["a2", kept("a", 2)],
    ["a3", kept("a", 3)],
    ["b1", kept("b", 0)],
  ]);
  expect(toEnd(all, "a", most)).toBe("a2");
  expect(toEnd(all, "b", most)).toBeUndefined();
  for (const one of ["c1", "c2"]) all.set(one, kept("c", 0));
  expect(toEnd(all, "d", most)).toBe("a2");
  for (const one of ["a2", "a3"]) all.set(one, kept("a", 5, 1));
  expect(toEnd(all, "d", most)).toBe("a1");
});
