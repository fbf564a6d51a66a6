import { expect, test } from "vitest";
import { paramsAt } from "../../../../glue-services/dashboard/web/src/pages/declared/params.ts";

test.each([
  ["/notes", "/notes", {}],
  ["/notes", "/notes/", {}],
  ["/notes/$id", "/notes/7%2F8", { id: "7/8" }],
  ["/notes/$id/edit", "/notes/%zz/edit", { id: "%zz" }],
  ["/notes/$id", "/notes/", undefined],
  ["/notes/$id", "/notes/7/8", undefined],
  ["/notes", "/note", undefined],
])("of a page at %s the address %s has the parts %j", (path, pathname, parts) => {
  expect(paramsAt(path, pathname)).toEqual(parts);
});
