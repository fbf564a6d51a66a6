import { isUnavailable } from "../../kit/database/unavailable.ts";
import { ApiError, type Database } from "../../kit/index.ts";
import type { Caller } from "../access/caller.ts";

/** Messages a minute. */
export interface Limits {
  /** Of one person with all their agents, or of one key. */
  caller: number;
  organisation: number;
}

export const defaultLimits: Limits = { caller: 1200, organisation: 12_000 };

export interface Meter {
  /** At once when there is room. @throws TooMany */
  spend(caller: Caller, limits: Limits, messages: number): undefined | Promise<void>;
}

export class TooMany extends ApiError {
  /** Until the next are welcome. */
  readonly seconds: number;

  constructor(most: number, whose: string, seconds: number) {
    super("RATE_LIMITED", `At most ${most} messages a minute ${whose}; the next are welcome in ${seconds} s.`, {
      hint: "Whoever manages MCP servers can set another limit.",
      docs: "mcp",
    });
    this.seconds = seconds;
  }
}

/** What this host may still hand out to somebody in this minute. */
interface Share {
  minute: number;
  left: number;
  /** Nothing more is to be had. */
  full: boolean;
  asking: Promise<void> | undefined;
}

const minuteMs = 60_000;
/** Shares remembered at most; then those of former minutes are let go. */
const most = 20_000;

/**
 * Counts messages across all hosts: each takes a twentieth of a limit at a time from the database and hands that out by
 * itself. The limit is never exceeded, and with several hosts it is reached a little early.
 */
export function openMeter(database: Database): Meter {
  const shares = new Map<string, Share>();
  return {
    spend(caller, limits, messages) {
      const { organisation, person, credential } = caller;
      const own = person ? `person ${person}` : `key ${credential}`;
      const first = take(organisation, own, limits.caller, "for you", messages);
      const second = () => take(organisation, "organisation", limits.organisation, "for your organisation", messages);
      return first ? first.then(second) : second();
    },
  };

  function take(
    organisation: string,
    subject: string,
    limit: number,
    whose: string,
    messages: number,
  ): undefined | Promise<void> {
    const share = shareOf(`${organisation} ${subject}`);
    if (share.left >= messages) {
      share.left -= messages;
      return undefined;
    }
    if (share.full) throw new TooMany(limit, whose, Math.ceil((minuteMs - (Date.now() % minuteMs)) / 1000));
    share.asking ??= lease(organisation, subject, limit, messages, share).finally(() => {
      share.asking = undefined;
    });
    return share.asking.then(() => take(organisation, subject, limit, whose, messages));
  }

  function shareOf(key: string): Share {
    const minute = Math.floor(Date.now() / minuteMs);
    const known = shares.get(key);
    if (known?.minute === minute) return known;
    if (shares.size >= most) for (const [other, share] of shares) if (share.minute !== minute) shares.delete(other);
    const share: Share = { minute, left: 0, full: false, asking: undefined };
    shares.set(key, share);
    return share;
  }

  async function lease(
    organisation: string,
    subject: string,
    limit: number,
    messages: number,
    share: Share,
  ): Promise<void> {
    const wanted = Math.max(messages - share.left, Math.ceil(limit / 20));
    try {
      const { rows } = await database.query<{ taken: string }>(
        { organisation },
        {
          name: "mcp.lease",
          text: `insert into spent (subject, minute, taken) values ($1, $2, $3)
            on conflict (organisation_id, subject, minute) do update set taken = spent.taken + $3 returning taken`,
          values: [subject, new Date(share.minute * minuteMs), wanted],
        },
      );
      const before = Number(rows[0]?.taken) - wanted;
      const granted = Math.min(wanted, Math.max(0, limit - before));
      share.left += granted;
      share.full = granted < wanted;
    } catch (error) {
      // Agents go on while the database is away, each host counting for itself.
      if (!isUnavailable(error)) throw error;
      share.left += wanted;
    }
  }
}
