import { expect, test } from "vitest";
import { readHtml } from "../../../../glue-services/knowledge/read/html.ts";

/** What is read of a page with this body. */
function read(body: string) {
  return readHtml(
    `<!doctype html><html><head><title>T</title></head><body>${body}</body></html>`,
    "https://example.com/",
  );
}

test("a table of HTML is read as rows", () => {
  expect(read("<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>").content).toBe(
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
  );
});
