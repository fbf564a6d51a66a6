import { type Feed, holds, type Need } from "../kit/index.ts";

/** Sources whose last reading failed, or left pages out that it could not read. */
export const feed: Feed = {
  async needs(app, identity) {
    if (!holds(identity, "knowledge:write")) return [];
    const { rows } = await app.database.query<{
      id: string;
      name: string;
      state: string;
      failed: number;
      note: string | null;
      at: Date | null;
    }>(identity, {
      text: `select s.id, s.name, r.state, r.failed, r.note, r.ended_at as at from source s
        cross join lateral (select * from run where source_id = s.id order by created_at desc limit 1) r
        where r.state = 'failed' or (r.state = 'done' and r.failed > 0) order by r.ended_at desc limit 50`,
    });
    return rows.map(
      ({ id, name, state, failed, note, at }): Need => ({
        id: `source ${id}`,
        state: state === "failed" ? "failed" : "degraded",
        what:
          state === "failed"
            ? `The source ${name} could not be read`
            : `${failed === 1 ? "One page" : `${failed} pages`} of the source ${name} could not be read`,
        ...(note && { why: note }),
        ...(at && { since: at.toISOString() }),
        path: `/knowledge/sources?open=${id}`,
        action: "See why",
      }),
    );
  },
  async steps(app, identity) {
    if (!holds(identity, "knowledge:write")) return {};
    const { rows } = await app.database.query<{ read: boolean }>(identity, {
      text: "select exists (select from source) as read",
    });
    return { knowledge: rows[0]?.read ?? false };
  },
};
