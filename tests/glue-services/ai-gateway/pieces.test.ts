import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPieces } from "../../../glue-services/ai-gateway/embed/e5/pieces.ts";
import { openWeights } from "../../../glue-services/ai-gateway/embed/e5/weights.ts";
import { localModel, windows } from "../../../glue-services/ai-gateway/embed/sentences.ts";
import { cut, inContext } from "../../../glue-services/knowledge/chunk/chunk.ts";
import { localFiles } from "./gateway.ts";

async function pieces() {
  return openPieces(openWeights(join((await localFiles()).model, "model.bin")).pieces);
}

describe("pieces of words of the local model", () => {
  test("texts of five scripts are cut into the very tokens that XLM-R's authors publish", async () => {
    const { encode } = await pieces();
    // README of fairseq's examples/xlmr, without the marks of beginning and end.
    const published: [string, number[]][] = [
      ["Hello world!", [35378, 8999, 38]],
      ["你好，世界", [6, 124084, 4, 3221]],
      ["नमस्ते दुनिया", [68700, 97883, 29405]],
      ["مرحبا بالعالم", [665, 193478, 258, 1705, 77796]],
      ["Bonjour le monde", [84602, 95, 11146]],
    ];
    for (const [text, tokens] of published) expect([text, encode(text)]).toEqual([text, tokens]);
    expect(encode("query: a\nb\tc  d")).toEqual(encode("query: a b c d"));
  });

  test("passages of prose fit into what the local model reads at once in any language, and those of code and numbers into its windows", async () => {
    const { encode } = await pieces();
    const longest = (sentence: string, form: "text" | "code") => {
      const found = cut({ title: "About", content: sentence.repeat(200), form });
      return Math.max(...found.map((piece) => encode(`passage: Files › ${inContext(piece)}`).length));
    };
    const sentences: Record<string, string> = {
      English: "The ferry waits at the pier until the far buoy can be seen again from the bridge. ",
      German: "Die Rückerstattungsfrist beträgt drei Tage ab Kaufdatum, der Kassenzettel genügt als Nachweis. ",
      Russian: "Каждые три часа смотритель записывает давление, ветер и высоту волны в журнал наблюдений. ",
      Chinese: "早班员工七点到店，先打开后院的窗户通风，再把昨晚泡洗的茶具擦干。",
      Japanese: "お客様の到着は午後三時からです。早く着いた方の荷物は玄関の棚で預かります。",
      Thai: "ร้านเปิดทุกวันเวลาเจ็ดโมงเช้าและปิดตอนสองทุ่ม ",
      Hindi: "नाव तब तक घाट पर रुकती है जब तक दूर का निशान फिर से दिखाई नहीं देता। ",
    };
    for (const [name, sentence] of Object.entries(sentences)) {
      expect([name, longest(sentence, "text") <= localModel.context - 2]).toEqual([name, true]);
    }
    const dense = [
      "1729,4104,13832,20683,32832 ",
      "9f86d081884c7d659a2feaa0c55ad015",
      "x_y=await f(a[i]??{});",
      "⟦∀∃⊕⟧ꙮ",
    ];
    for (const sentence of dense) {
      for (const form of ["text", "code"] as const) {
        expect([sentence, longest(sentence, form) <= windows * (localModel.context - 2)]).toEqual([sentence, true]);
      }
    }
  });
});
