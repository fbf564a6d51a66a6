import { leftoversOf } from "../../preflight/checks/aws.ts";
import { count } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/** What an earlier stack of the same name left in the account; most of it is in the way of a new one. */
export const awsLeftovers: Rule = {
  id: "aws-leftovers",
  async run(examination, signal) {
    if (examination.settings.stack.kind !== "dedicated") return [];
    const { found, unread } = await leftoversOf(examination, signal);
    if (found.length === 0) return [];
    const blocks = found.some((one) => one.blocks);
    const few = unread.length > 0 ? ` Not read: ${unread.join("; ")}.` : "";
    return [
      {
        id: "aws-leftovers",
        severity: blocks ? "warning" : "info",
        title: `${count(found.length, "thing")} of an earlier stack of this name ${found.length === 1 ? "is" : "are"} still in the account`,
        detail: `${blocks ? "A stack of this name fails at those that keep a name it needs." : "They are in nobody's way."}${few}`,
        evidence: found.map(({ what, name }) => `${what} ${name}`),
        fix: { command: found[0]?.fix ?? "", safe: false },
      },
    ];
  },
};
