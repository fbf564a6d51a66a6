import { expect, test } from "vitest";
import { readBytes } from "../../../../glue-services/knowledge/read/read.ts";
import { docx } from "../made-files.ts";

const read = (text: string) => readBytes({ bytes: docx("Area", text), name: "a.docx", media: "" });

test("an equation of a Word document that is not read is noted, and a document without one has no note", async () => {
  const math =
    '</w:t></w:r><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>E=mc</m:t></m:r></m:oMath><w:r><w:t>';
  const told = await read(`It is ${math} so.`);
  expect(told.content).toContain("It is");
  expect(told.notes).toEqual(["Its equations were not read."]);
  expect((await read("Plain.")).notes ?? []).toEqual([]);
});
