import { Type } from "typebox";
import { job } from "../kit/index.ts";

/** The log of calls is kept this long. */
const days = 90;
const piece = 20_000;

export const forgetCalls = job({
  name: "mcp_gateway.forget-calls",
  payload: Type.Object({}),
  cron: "50 3 * * *",
  async run(_payload, { database, signal }) {
    const before = new Date(Date.now() - days * 86_400_000);
    for (let gone = piece; gone === piece && !signal.aborted; ) {
      const text = "select mcp_gateway.forget_calls($1, $2) as gone";
      const { rows } = await database.pool.query<{ gone: number }>(text, [before, piece]);
      gone = rows[0]?.gone ?? 0;
    }
  },
});

export const forgetSpent = job({
  name: "mcp_gateway.forget-spent",
  payload: Type.Object({}),
  cron: "*/10 * * * *",
  async run(_payload, { database }) {
    await database.pool.query("select mcp_gateway.forget_spent()");
  },
});

export const expireApprovals = job({
  name: "mcp_gateway.expire-approvals",
  payload: Type.Object({}),
  cron: "5 * * * *",
  async run(_payload, { database }) {
    await database.pool.query("select mcp_gateway.expire_approvals()");
  },
});
