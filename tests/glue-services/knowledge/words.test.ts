import { describe, expect, test } from "vitest";
import { toolsOf } from "../../../glue-services/kit/index.ts";
import { gramGroupsOf, gramsOf } from "../../../glue-services/knowledge/chunk/grams.ts";
import { searchTermsOf, termsVersion } from "../../../glue-services/knowledge/chunk/identifiers.ts";
import { seeded } from "../../seeded.ts";
import { type Hub, startHub } from "./knowledge.ts";

const commands = {
  "install.md": "# Installing\n\nRun `npm install -g devtool` once. The tool is then on the path.",
  "local.md": "# A local tool\n\nRun `npm install devtool` in the folder of the project, and commit the lockfile.",
  "cache.md": "# Builds\n\nPass `--no-cache` when a layer is stale; the build then takes longer.",
  "caching.md": "# Caches\n\nThe cache holds layers. No layer is built twice while the cache has it.",
  "help.md": "# Options\n\n`-h` prints what the program takes.",
  "h.md": "# Letters\n\nThe letter h is silent in many words of French.",
  "cpp.md": "# Languages\n\nThe engine is written in C++ and wrapped for others.",
  "c.md": "# C\n\nThe kernel is written in C, and so are its drivers.",
  "call.md": "# Calls\n\nCall foo.bar() before anything else.",
  "scope.md": "# Scopes\n\nThe plugin is @scope/pkg and comes with types.",
  "pkg.md": "# Packages\n\nA pkg of any scope is listed by its name.",
  "and.md": "# Shells\n\nWrite make a && make b so that the second waits for the first.",
  "star.md": "# Globs\n\nA lone * stands for every file of the folder.",
  "percent.md": "# Rates\n\nThe sign % follows the number without a blank in English only.",
  "quote.md": '# Quoting\n\nThe answer was "it depends on the weather" and nobody asked again.',
};

const scripts = {
  "zh.md": "# 售后服务\n\n客户可以在三十天内申请。退款期限从收货之日起计算，逾期不予受理。",
  "zh2.md": "# 配送\n\n订单将在两个工作日内发货。节假日顺延，运费由买家承担。",
  "ja.md": "# 岬\n\n灯台の管理人は鈴木です。合言葉は「山川海」といいます。",
  "ja2.md": "# 港\n\n漁港の食堂は朝五時に開きます。船の予約は電話でどうぞ。",
  "th.md": "# บริการ\n\nลูกค้าสามารถขอคืนเงินได้ภายในสามสิบวันหลังจากได้รับสินค้า",
  "th2.md": "# ร้าน\n\nร้านกาแฟเปิดทุกวันตั้งแต่เจ็ดโมงเช้าจนถึงสองทุ่ม",
  "ko.md": "# 고객 지원\n\n환불은 상품을 받은 날부터 삼십일 안에 신청해야 합니다.",
  "ko2.md": "# 배송\n\n주문하신 물건은 이틀 뒤에 도착하며 배송비는 무료입니다.",
  "km.md": "# សេវាកម្ម\n\nអតិថិជនអាចស្នើសុំសំណងវិញក្នុងរយៈពេលសាមសិបថ្ងៃ",
  "lo.md": "# ບໍລິການ\n\nລູກຄ້າສາມາດຂໍເງິນຄືນໄດ້ພາຍໃນສາມສິບວັນ",
  "de.md":
    "# Kauf\n\nDie Rückerstattungsfrist beträgt dreißig Tage, und der Mängelhaftungsanspruch verjährt nach zwei Jahren.",
  "de2.md":
    "# Versand\n\nDie Donaudampfschifffahrtsgesellschaft liefert nicht mehr am Wochenende aus, nur noch werktags.",
  "nl.md":
    "# Verzekering\n\nDe arbeidsongeschiktheidsverzekering wordt door de werkgever betaald en is niet overdraagbaar.",
};

async function withFiles(files: Record<string, string>): Promise<Hub> {
  const hub = await startHub();
  let id = "";
  for (const [name, text] of Object.entries(files)) id = (await hub.upload(name, text, id ? { source: id } : {})).id;
  const pages = async () => (await hub.ask<{ pages: number }>("GET", `/sources/${id}`)).pages;
  await expect.poll(pages, { interval: 100 }).toBe(Object.keys(files).length);
  return hub;
}

const found = async (hub: Hub, q: string, more = {}) =>
  (await hub.hits(q, { mode: "words", ...more })).map(({ citation }) => citation.page.address);

describe("what is asked for", () => {
  test("commands, flags, names and signs are searched as they were meant, by people and by agents", async () => {
    const hub = await withFiles(commands);
    const expected: Record<string, string> = {
      "npm install -g devtool": "install.md",
      "npm install devtool": "local.md",
      "--no-cache": "cache.md",
      "what does --no-cache do": "cache.md",
      "-h": "help.md",
      "C++": "cpp.md",
      "foo.bar()": "call.md",
      "@scope/pkg": "scope.md",
      "make a && make b": "and.md",
      "&&": "and.md",
      "*": "star.md",
      "%": "percent.md",
      '"it depends on the weather"': "quote.md",
      "it depends -weather": "quote.md",
      "`-h`": "help.md",
    };
    const tool = toolsOf(hub.app).find((one) => one.tool.name === "search_knowledge")?.tool;
    const context = {
      ...{ app: hub.app, identity: hub.me.identity, signal: AbortSignal.timeout(300_000) },
      progress() {},
    };
    for (const [question, page] of Object.entries(expected)) {
      expect([question, (await found(hub, question))[0]]).toEqual([question, page]);
      expect([question, (await hub.hits(question))[0]?.citation.page.address]).toEqual([question, page]);
      const answer = (await tool?.call({ query: question } as never, context)) as {
        data: { passages: { address: string }[] };
      };
      expect([question, answer.data.passages[0]?.address]).toEqual([question, page]);
    }
    // Conditions are read where they are asked for.
    expect(await found(hub, 'npm -"-g devtool"', { operators: "true" })).toEqual(["local.md"]);
    expect(await found(hub, '"install -g"', { operators: "true" })).toEqual(["install.md"]);
  });

  test("a question about nothing that is there finds nothing by its words", async () => {
    const hub = await withFiles({ "a.md": commands["cpp.md"], "b.md": commands["scope.md"] });
    expect(await found(hub, "zyxgrl wombat")).toEqual([]);
  });

  test("any sentence of a document finds its own document", async () => {
    const random = seeded(20260914);
    const documents = Array.from({ length: 24 }, (_, at) => ({
      name: `d${at}.md`,
      sentences: Array.from({ length: 6 }, () => sentence(random)),
    }));
    const files = documents.map(({ name, sentences }) => [name, `# ${name}\n\n${sentences.join("\n\n")}`]);
    const hub = await withFiles(Object.fromEntries(files));
    const lost: string[] = [];
    for (const { name, sentences } of documents) {
      for (const one of sentences) if ((await found(hub, one, { limit: "1" }))[0] !== name) lost.push(one);
    }
    expect(lost).toEqual([]);
  });
});

describe("words without blanks", () => {
  test("words of Chinese, Japanese, Thai, Korean, Khmer, Lao and parts of German and Dutch compounds are found", async () => {
    const hub = await withFiles(scripts);
    const expected: Record<string, string> = {
      退款期限: "zh.md",
      退款的期限是多久: "zh.md",
      运费谁承担: "zh2.md",
      灯台の管理人: "ja.md",
      合言葉: "ja.md",
      食堂は何時に開く: "ja2.md",
      岬: "ja.md",
      ขอคืนเงิน: "th.md",
      กาแฟเปิดกี่โมง: "th2.md",
      환불: "ko.md",
      "환불을 신청하려면": "ko.md",
      배송비가: "ko2.md",
      ស្នើសុំសំណង: "km.md",
      ຂໍເງິນຄືນ: "lo.md",
      Erstattung: "de.md",
      Frist: "de.md",
      Fristen: "de.md",
      Haftung: "de.md",
      Dampfschiff: "de2.md",
      arbeidsongeschiktheid: "nl.md",
      verzekering: "nl.md",
    };
    for (const [question, page] of Object.entries(expected)) {
      expect([question, (await found(hub, question))[0]]).toEqual([question, page]);
    }
    expect(await found(hub, '"退款期限从收货"', { operators: "true" })).toEqual(["zh.md"]);
    expect(await found(hub, "退款 -受理", { operators: "true" })).toEqual([]);
  });

  test("chunks that an older version indexed are worked over in the background and then found by parts of words", async () => {
    const hub = await withFiles({ "zh.md": scripts["zh.md"] });
    await hub.owner.query("update knowledge.chunk set identifiers = '', terms_version = 0");
    expect(await found(hub, "退款期限")).toEqual([]);
    const organisations = await hub.owner.query("select * from knowledge.outdated_terms($1)", [termsVersion]);
    expect(organisations.rows).toEqual([{ organisation_id: hub.me.identity.organisation }]);
    await hub.owner.query("select graphile_worker.add_job('knowledge.refresh', '{}')");
    await expect.poll(() => found(hub, "退款期限")).toEqual(["zh.md"]);
    expect((await hub.owner.query("select * from knowledge.outdated_terms($1)", [termsVersion])).rows).toEqual([]);
  });

  test("10,000 texts of all scripts give tokens of letters and digits alone, and what a text has it is found by", () => {
    const random = seeded(7);
    for (let i = 0; i < 10_000; i++) {
      const text = anything(random);
      if (/['\\]/.test(searchTermsOf(text, "german"))) throw new Error(text);
      const grams = new Set(gramsOf(text, "german"));
      for (const token of grams) if (!/^g[0-9a-f]+$/.test(token)) throw new Error(`${text}: ${token}`);
      const run = /[\p{Script=Han}]{2,}/u.exec(text)?.[0];
      if (run && !gramGroupsOf(run).every((group) => group.every((gram) => grams.has(gram)))) throw new Error(text);
    }
  });
});

const syllables = "ba ke li mo nu pra sto tri vel zan or em ul ish ing er ack ond une ost".split(" ");
const signs = ["--", "-", "@", "&& ", "* ", "% ", "$", "./", "#", "|| ", '"', "'", "(", "\\", "<", "+", ":"];
const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

function sentence(random: () => number): string {
  const word = () => Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(random, syllables)).join("");
  const words = Array.from({ length: 6 + Math.floor(random() * 8) }, () =>
    random() < 0.25 ? `${pick(random, signs)}${word()}` : word(),
  );
  return `The ${words.join(" ")}.`;
}

function anything(random: () => number): string {
  const ranges = [
    [0x20, 0x7e],
    [0x4e00, 0x9fff],
    [0x3040, 0x30ff],
    [0xac00, 0xd7a3],
    [0x0e01, 0x0e5b],
    [0xc0, 0x24f],
    [0x1780, 0x17ff],
  ] as const;
  return Array.from({ length: 1 + Math.floor(random() * 30) }, () => {
    const [from, to] = pick(random, ranges);
    return String.fromCodePoint(from + Math.floor(random() * (to - from)));
  }).join("");
}
