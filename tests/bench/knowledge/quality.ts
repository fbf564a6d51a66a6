/**
 * How well the knowledge base finds: `node tests/bench/knowledge/quality.ts`. 210 questions about 18 pages of DevFlow's own
 * documentation as they were in November 2026 (corpus/), each with the words that the passage to be found has
 * (questions.tsv: page, words with | between alternatives, question). Embedded by the local model.
 */
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { knowledgeOf } from "../../../glue-services/knowledge/contract.ts";
import type { SearchAsked } from "../../../glue-services/knowledge/schemas.ts";
import { program } from "../../program.ts";
import { percentile, table, withPlatform } from "../kit/platform.ts";

interface Question {
  page: string;
  words: string[];
  question: string;
}
/** What a way of searching answers: page and text of each passage, the best first. */
type Way = (question: string) => Promise<{ page: string; text: string }[]>;

const corpus = new URL("corpus/", import.meta.url);
const depth = 10;
const questions = (await readFile(new URL("questions.tsv", import.meta.url), "utf8"))
  .trim()
  .split("\n")
  .map((line): Question => {
    const [page = "", words = "", question = ""] = line.split("\t");
    return { page: `${page}.md`, words: words.split("|").map(flat), question };
  });
const [runtime, model] = await Promise.all([program("onnxruntime"), program("multilingual-e5-small")]);
const services = [aiGateway({ spool: join(tmpdir(), "devflow-bench-spool"), local: { runtime, model } }), knowledge()];

await withPlatform(services, async ({ app, url, who }) => {
  const owner = new pg.Pool({ connectionString: url, max: 2 });
  const headers = { authorization: "Bearer bench", "content-type": "text/markdown" };
  await app.ready();
  for (const name of await readdir(corpus)) {
    const payload = await readFile(new URL(name, corpus));
    await app.inject({ method: "PUT", url: `/api/knowledge/files?name=${name}`, headers, payload });
  }
  for (;;) {
    const [source] = (await app.inject({ url: "/api/knowledge/sources", headers })).json();
    if (source.run.state === "done" && source.waiting === 0) break;
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

  const hub = knowledgeOf(app);
  const ours =
    (mode: SearchAsked["mode"] & string): Way =>
    async (q) => {
      const { hits = [] } = (await hub?.search(who, { q, mode, limit: depth })) ?? {};
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
  const ways: [string, Way][] = [
    ["PostgreSQL full text, all words (websearch, ts_rank_cd)", plain("websearch_to_tsquery('english', $1)")],
    [
      "PostgreSQL full text, any word (ts_rank_cd)",
      plain("replace(plainto_tsquery('english', $1)::text, '&', '|')::tsquery"),
    ],
    ["words, rare ones count more", ours("words")],
    ["vectors alone (multilingual-e5-small)", ours("vector")],
    ["**hybrid, fused by rank**", ours("hybrid")],
  ];
  const rows: (string | number)[][] = [];
  for (const [name, way] of ways) {
    const times: number[] = [];
    const ranks: number[] = [];
    for (const one of questions) {
      const begun = performance.now();
      const found = await way(one.question);
      times.push(performance.now() - begun);
      ranks.push(found.findIndex((hit) => fits(one, hit)) + 1);
    }
    const share = (most: number) => (ranks.filter((rank) => rank > 0 && rank <= most).length / ranks.length).toFixed(3);
    const reciprocal = ranks.reduce((sum, rank) => sum + (rank > 0 ? 1 / rank : 0), 0) / ranks.length;
    rows.push([name, share(1), share(5), share(10), reciprocal.toFixed(3), percentile(times, 0.5).toFixed(0)]);
    if (process.env.SHOW_MISSES && name.includes("hybrid")) {
      for (const [at, one] of questions.entries())
        if (!ranks[at] || (ranks[at] ?? 0) > 5) console.log(ranks[at], one.page, one.question);
    }
  }
  console.log(`${questions.length} questions, ${chunks.length} passages\n`);
  console.log(table(["search", "recall@1", "recall@5", "recall@10", "MRR@10", "median ms"], rows));
  await owner.end();
});

/** Lines are wrapped in the files, so all white space is one. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

function fits({ page, words }: Question, hit: { page: string; text: string }): boolean {
  return hit.page === page && words.some((one) => flat(hit.text).includes(one));
}
