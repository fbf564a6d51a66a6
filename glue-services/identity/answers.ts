import type { Pool } from "pg";
import { type Answers, giveIdentity } from "../kit/index.ts";
import type { identityContract } from "./contract.ts";
import type { IdentityReader } from "./verifier.ts";

/** What the service answers to others, as its contract says. */
export function identityAnswers(pool: Pool, reader: IdentityReader): Answers<typeof identityContract.calls> {
  return {
    async verify(presented) {
      const known = await reader.readPresented(presented);
      return known ? giveIdentity(known) : null;
    },
    async standing({ organisation, person, made }) {
      const { rows } = await pool.query<{ permissions: string[] | null }>({
        name: "identity.permissions-now",
        text: "select identity.permissions_now($1, $2, $3) as permissions",
        values: [organisation, person, made],
      });
      return rows[0]?.permissions ?? null;
    },
    async membership({ organisation, person, made }) {
      const { rows } = await pool.query<{ disabled: boolean }>({
        name: "identity.membership",
        text: `select u.disabled from identity.member m join identity."user" u on u.id = m."userId"
          where m."organizationId" = $1 and m."userId" = $2 and m."createdAt" <= $3`,
        values: [organisation, person, made],
      });
      if (!rows[0]) return "none";
      return rows[0].disabled ? "disabled" : "member";
    },
  };
}
