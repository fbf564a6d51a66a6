import { Type } from "typebox";
import { job } from "../kit/index.ts";

/** Rows of usage are kept this long; the sums of each day stay. */
const days = 90;
/** Recorded questions and answers. */
const recordDays = 30;
/** Answers of one organisation that are kept to be given again. */
const answers = 20_000;
/** Rows deleted by one statement: a table of many millions is never cleared at once. */
const piece = 20_000;

export const forgetUsage = job({
  name: "ai_gateway.forget-usage",
  payload: Type.Object({}),
  cron: "40 3 * * *",
  async run(_payload, { database, signal }) {
    const before = new Date(Date.now() - days * 86_400_000);
    for (let gone = piece; gone === piece && !signal.aborted; ) {
      const { rows } = await database.pool.query<{ gone: number }>("select ai_gateway.forget_usage($1, $2) as gone", [
        before,
        piece,
      ]);
      gone = rows[0]?.gone ?? 0;
    }
    const recorded = new Date(Date.now() - recordDays * 86_400_000);
    for (let gone = piece; gone === piece && !signal.aborted; ) {
      const { rows } = await database.pool.query<{ gone: number }>("select ai_gateway.forget_records($1, $2) as gone", [
        recorded,
        piece,
      ]);
      gone = rows[0]?.gone ?? 0;
    }
  },
});

export const forgetAnswers = job({
  name: "ai_gateway.forget-answers",
  payload: Type.Object({}),
  cron: "*/20 * * * *",
  async run(_payload, { database }) {
    await database.pool.query("select ai_gateway.forget_answers($1)", [answers]);
  },
});
