import { Type } from "typebox";
import { job } from "../kit/index.ts";

/** Rows of usage are kept this long; the sums of each day stay. */
const days = 90;
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
  },
});
