/**
 * How well the knowledge base finds: `node tests/bench/knowledge/quality.ts`. 210 questions about 18 pages of DevFlow's own
 * documentation as they were in November 2026 (corpus/), and 88 about made-up pages in seven languages, code, tables and
 * pages that are nearly the same (more/); all pages are searched together. Each question comes with the words that the
 * passage to be found has (questions.tsv, more.tsv: page, words with | between alternatives, question, group). Embedded by
 * the local model.
 */
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { openSentences } from "../../../glue-services/ai-gateway/embed/sentences.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { knowledgeContract } from "../../../glue-services/knowledge/contract.ts";
import type { SearchAsked } from "../../../glue-services/knowledge/schemas.ts";
import { program } from "../../program.ts";
import { percentile, table, withPlatform } from "../kit/platform.ts";

interface Question {
  page: string;
  words: string[];
  question: string;
  /** What the page is about, or its language. */
  group: string;
  /** Position in its file: weights were compared on every second question, from the first. */
  at: number;
}
/** What a way of searching answers: page and text of each passage, the best first. */
type Way = (question: string) => Promise<{ page: string; text: string }[]>;

const documentation = "documentation";
const depth = 10;
const questions = [...(await questionsOf("questions.tsv", ".md")), ...(await questionsOf("more.tsv", ""))];
const [runtime, model] = await Promise.all([program("onnxruntime"), program("multilingual-e5-small")]);
const services = [aiGateway({ spool: join(tmpdir(), "devflow-bench-spool"), local: { runtime, model } }), knowledge()];

await withPlatform(services, async ({ app, url, who }) => {
  const owner = new pg.Pool({ connectionString: url, max: 2 });
  const headers = { authorization: "Bearer bench" };
  await app.ready();
  for (const folder of ["corpus/", "more/"].map((name) => new URL(name, import.meta.url))) {
    for (const name of await readdir(folder)) {
      const payload = await readFile(new URL(name, folder));
      const type = { "content-type": name.endsWith(".md") ? "text/markdown" : "text/plain" };
      const url = `/api/knowledge/files?name=${name}`;
      await app.inject({ method: "PUT", url, headers: { ...headers, ...type }, payload });
    }
  }
  for (;;) {
    const [source] = (await app.inject({ url: "/api/knowledge/sources", headers })).json();
    // The distance of unrelated texts is measured last.
    const { rowCount } = await owner.query("select from knowledge.generation where unrelated is not null");
    if (source.run.state === "done" && source.waiting === 0 && rowCount) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const chunks = (
    await owner.query(
      "select p.address as page, c.heading, c.content from knowledge.chunk c join knowledge.page p on p.id = c.page_id",
    )
  ).rows;
  const lost = questions.filter(
    (one) => !chunks.some(({ page, heading, content }) => fits(one, { page, text: `${heading}\n${content}` })),
  );
  if (lost.length > 0)
    throw new Error(`No passage has: ${lost.map(({ page, words }) => `${page} ${words}`).join("; ")}`);

  const hub = app.use(knowledgeContract);
  const ours =
    (mode: SearchAsked["mode"] & string): Way =>
    async (q) => {
      const { hits } = await hub.search({ tenant: who, asked: { q, mode, limit: depth } });
      return hits.map(({ citation, heading, content }) => ({
        page: citation.page.address,
        text: `${heading}\n${content}`,
      }));
    };
  /** What most do with PostgreSQL: all words, or any, and its own rank. */
  const plain =
    (query: string): Way =>
    async (q) => {
      const { rows } = await owner.query(
        `select p.address as page, c.heading || E'\\n' || c.content as text
         from knowledge.chunk c join knowledge.page p on p.id = c.page_id, (select ${query} as q) asked
         where c.terms @@ asked.q order by ts_rank_cd(c.terms, asked.q) desc, c.id limit ${depth}`,
        [q],
      );
      return rows;
    };
  const sentences = openSentences(runtime, model, 1);
  /** Every vector compared, without any index or limit. */
  const exact: Way = async (q) => {
    const { rows } = await owner.query(
      `select p.address as page, c.heading || E'\\n' || c.content as text
       from knowledge.vector_384 v join knowledge.chunk c on c.id = v.chunk_id join knowledge.page p on p.id = c.page_id
       order by (v.embedding <=> $1::halfvec(384)) + 0, c.id limit ${depth}`,
      [`[${sentences.embed([q], "query").vectors.join(",")}]`],
    );
    return rows;
  };
  const ways: [string, Way][] = [
    ["PostgreSQL full text, all words (websearch, ts_rank_cd)", plain("websearch_to_tsquery('english', $1)")],
    [
      "PostgreSQL full text, any word (ts_rank_cd)",
      plain("replace(plainto_tsquery('english', $1)::text, '&', '|')::tsquery"),
    ],
    ["words, rare ones count more", ours("words")],
    ["a vector a passage, exact search", exact],
    ["vectors of passages and of what they say", ours("vector")],
    ["**hybrid, fused by score**", ours("hybrid")],
  ];
  const results: { name: string; ranks: number[]; times: number[] }[] = [];
  for (const [name, way] of ways) {
    const times: number[] = [];
    const ranks: number[] = [];
    for (const one of questions) {
      const begun = performance.now();
      const found = await way(one.question);
      times.push(performance.now() - begun);
      ranks.push(found.findIndex((hit) => fits(one, hit)) + 1);
    }
    results.push({ name, ranks, times });
  }
  /** Shares of nonsense, and of questions that have an answer, to which nothing is found. */
  const refusals = async () => {
    const lines = (await readFile(new URL("nonsense.tsv", import.meta.url), "utf8")).trim().split("\n");
    const nonsense = lines.map((line) => line.split("\t") as [string, string]);
    const refused = async (asked: readonly string[]) => {
      let none = 0;
      for (const q of asked) if ((await hub.search({ tenant: who, asked: { q } })).hits.length === 0) none++;
      return [asked.length, none];
    };
    const kinds = [...new Set(nonsense.map(([kind]) => kind))];
    const rows = kinds.map(async (kind) => [
      kind,
      ...(await refused(nonsense.filter(([one]) => one === kind).map(([, q]) => q))),
      "",
    ]);
    const answered = await refused(questions.map(({ question }) => question));
    const [, five = ""] = measures(results.at(-1)?.ranks ?? []);
    return [...(await Promise.all(rows)), ["that have an answer", ...answered, five]];
  };
  const groups = [...new Set(questions.map(({ group }) => group))];
  const of = (wanted: (one: Question) => boolean) =>
    results.map(({ name, ranks, times }) => {
      const mine = <Value>(values: Value[]) => values.filter((_, at) => wanted(questions[at] as Question));
      return [name, ...measures(mine(ranks)), percentile(mine(times), 0.5).toFixed(0)];
    });
  const head = ["search", "recall@1", "recall@5", "recall@10", "MRR@10", "median ms"];
  const handbook = ({ group }: Question) => group === documentation;
  console.log(`${questions.length} questions, ${chunks.length} passages\n`);
  console.log(`${documentation}\n\n${table(head, of(handbook))}`);
  console.log(
    `The half of them on which no weights were compared first\n\n${table(
      head,
      of((one) => handbook(one) && one.at % 2 === 1),
    )}`,
  );
  console.log(
    `The half of them on which they were\n\n${table(
      head,
      of((one) => handbook(one) && one.at % 2 === 0),
    )}`,
  );
  console.log(
    `Languages, code, tables, near duplicates\n\n${table(
      head,
      of((one) => !handbook(one)),
    )}`,
  );
  for (const [half, name] of [
    [0, "Of these, the half that was chosen by"],
    [1, "Of these, the half that confirms"],
  ] as const)
    console.log(
      `${name}\n\n${table(
        head,
        of((one) => !handbook(one) && one.at % 2 === half),
      )}`,
    );
  const shown = results.slice(2);
  const rows = groups.map((group) => [
    group,
    questions.filter((one) => one.group === group).length,
    ...shown.map(({ ranks }) => {
      const [first, five, , reciprocal] = measures(ranks.filter((_, at) => questions[at]?.group === group));
      return `${first} / ${five} / ${reciprocal}`;
    }),
  ]);
  console.log(`recall@1 / recall@5 / MRR\n\n${table(["group", "questions", ...shown.map(({ name }) => name)], rows)}`);
  console.log(
    `Questions that are answered by nothing\n\n${table(
      ["questions", "count", "nothing is found", "recall@5 of those that have an answer"],
      await refusals(),
    )}`,
  );
  if (process.env.SHOW_MISSES) {
    for (const [at, rank] of (results.at(-1)?.ranks ?? []).entries())
      if (rank === 0 || rank > 5) console.log(rank, questions[at]?.page, questions[at]?.question);
  }
  await owner.end();
});

/** @param ending what the names of pages lack */
async function questionsOf(file: string, ending: string): Promise<Question[]> {
  const text = await readFile(new URL(file, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line, at) => {
      const [page = "", words = "", question = "", group = documentation] = line.split("\t");
      return { page: `${page}${ending}`, words: words.split("|").map(flat), question, group, at };
    });
}

/** Shares of questions whose passage is among the first 1, 5 and 10, and the mean of 1/rank. */
function measures(ranks: readonly number[]): string[] {
  const share = (most: number) => ranks.filter((rank) => rank > 0 && rank <= most).length / ranks.length;
  const reciprocal = ranks.reduce((sum, rank) => sum + (rank > 0 ? 1 / rank : 0), 0) / ranks.length;
  return [share(1), share(5), share(10), reciprocal].map((value) => value.toFixed(3));
}

/** Lines are wrapped in the files, so all white space is one. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

function fits({ page, words }: Question, hit: { page: string; text: string }): boolean {
  return hit.page === page && words.some((one) => flat(hit.text).includes(one));
}
