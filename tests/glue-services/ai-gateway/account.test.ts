import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import {
  type Account,
  type AccountEvent,
  type Effect,
  needed,
  openAccount,
  reserve,
  settle,
  step,
} from "../../../glue-services/ai-gateway/limits/account.ts";
import { seeded } from "../random.ts";

/** The database's side of leases, as `take_lease`, `return_lease` and `meter` of the migrations do it. */
function openBook(total: number, hosts: number) {
  const leases = Array.from({ length: hosts }, () => 0);
  let spent = 0;
  return {
    take(host: number, need: number, wanted: number) {
      const held = leases.reduce((sum, one) => sum + one, 0);
      const remaining = Math.max(0, total - spent - held);
      const most = Math.max(need, wanted);
      const granted = remaining > 8 * most ? most : Math.min(remaining, need);
      leases[host] = (leases[host] as number) + granted;
      return { granted, remaining: remaining - granted };
    },
    giveBack(host: number, amount: number) {
      leases[host] = Math.max(0, (leases[host] as number) - amount);
    },
    meter(host: number, used: number) {
      spent += used;
      leases[host] = Math.max(0, (leases[host] as number) - used);
    },
    get spent() {
      return spent;
    },
    get left() {
      return total - spent - leases.reduce((sum, one) => sum + one, 0);
    },
  };
}

interface Host {
  account: Account;
  /** What calls hold. */
  calls: { amount: number }[];
  waiting: Map<number, number>;
  /** A question that is under way, answered when the run says so. */
  question: Effect | undefined;
  unmetered: number;
}

describe("a budget's account", () => {
  test("of any run of calls, leases, returns and outages none refuses while budget is left or lets more pass than there is (10,000 runs, seeded)", () => {
    const random = seeded(17);
    for (let run = 0; run < 10_000; run++) {
      const total = random.below(200);
      const hosts: Host[] = Array.from({ length: 1 + random.below(3) }, () => ({
        account: openAccount(0),
        ...{ calls: [], waiting: new Map(), question: undefined, unmetered: 0 },
      }));
      const book = openBook(total, hosts.length);
      let now = 1000;
      let next = 0;
      let overshoot = 0;
      const apply = (at: number, event: AccountEvent) => {
        const host = hosts[at] as Host;
        const [account, effects] = step(host.account, event);
        host.account = account;
        for (const effect of effects) {
          if (effect.is === "lease" || effect.is === "return") {
            // One question at a time.
            assert.equal(host.question, undefined);
            host.question = effect;
            continue;
          }
          const amount = host.waiting.get(effect.call) as number;
          host.waiting.delete(effect.call);
          if (effect.is === "served") host.calls.push({ amount });
          else if (event.is !== "failed" && event.is !== "away") {
            // Refused: neither the database nor this host had so much a moment ago.
            assert.ok(host.account.free < amount);
            if (event.is === "leased") assert.ok(book.left <= 0);
          }
        }
        check(host);
      };
      const check = ({ account, calls }: Host) => {
        for (const value of Object.values(account)) {
          if (typeof value === "number") assert.ok(Number.isFinite(value));
        }
        assert.equal(
          account.reserved,
          calls.reduce((sum, { amount }) => sum + amount, 0),
        );
        assert.ok(account.busy || account.queue.length === 0);
      };
      for (let events = 30 + random.below(40); events > 0; events--) {
        const at = random.below(hosts.length);
        const host = hosts[at] as Host;
        now += random.pick([0, 1, 10, 300]);
        switch (random.below(8)) {
          case 0:
          case 1:
          case 2: {
            const amount = random.pick([0, 1, 1, 1, 5, 40]);
            const account = reserve(host.account, amount);
            if (account) {
              host.account = account;
              host.calls.push({ amount });
              check(host);
            } else {
              host.waiting.set(++next, amount);
              apply(at, { is: "short", call: next, amount, now });
            }
            break;
          }
          case 3: {
            const [call] = host.calls.splice(random.below(host.calls.length), 1);
            if (!call) break;
            const used = random.pick([
              0,
              call.amount,
              call.amount,
              Math.floor(call.amount / 2),
              call.amount + random.below(3),
            ]);
            overshoot += Math.max(0, used - call.amount);
            host.account = settle(host.account, call.amount, used);
            host.unmetered += used;
            check(host);
            break;
          }
          case 4:
            book.meter(at, host.unmetered);
            host.unmetered = 0;
            break;
          case 5:
            apply(at, random.pick([{ is: "idle" }, { is: "doubted" }] as const));
            break;
          default:
            answer(at);
        }
      }
      // Whatever was under way ends: nobody waits for ever.
      for (let left = 50; left > 0 && hosts.some(({ question }) => question); left--)
        for (const at of hosts.keys()) answer(at);
      for (const [at, host] of hosts.entries()) {
        assert.equal(host.waiting.size, 0);
        for (const { amount } of host.calls.splice(0)) {
          host.account = settle(host.account, amount, amount);
          host.unmetered += amount;
        }
        book.meter(at, host.unmetered);
      }
      assert.ok(book.spent <= total + overshoot);

      function answer(at: number): void {
        const host = hosts[at] as Host;
        const { question } = host;
        host.question = undefined;
        if (question?.is === "return") {
          const lost = random.below(4) === 0;
          if (!lost) book.giveBack(at, question.amount);
          apply(at, lost ? { is: "not-returned", amount: question.amount } : { is: "returned" });
        } else if (question?.is === "lease") {
          const failed = random.below(12) === 0;
          if (failed) apply(at, { is: "failed" });
          else if (random.below(12) === 0) {
            // The database hangs: the host hands out what it knows of, which is nothing here, and gets its lease later.
            host.account = { ...host.account, beyond: 0 };
            const { granted } = book.take(at, needed(host.account), Math.ceil(total / 64));
            apply(at, { is: "away", now });
            apply(at, { is: "late", granted });
          } else apply(at, { is: "leased", ...book.take(at, needed(host.account), Math.ceil(total / 64)), now });
        }
      }
    }
  });

  test("calls that come while a lease is fetched or returned wait for it, and are served in their order", () => {
    let [account, effects] = step(openAccount(0), { is: "short", call: 1, amount: 1, now: 0 });
    expect(effects).toEqual([{ is: "lease", needed: 1 }]);
    [account, effects] = step(account, { is: "short", call: 2, amount: 3, now: 0 });
    expect([effects, needed(account)]).toEqual([[], 4]);
    expect(reserve(account, 0)).toBeUndefined();
    [account, effects] = step(account, { is: "leased", granted: 2, remaining: 100, now: 0 });
    expect(effects).toEqual([
      { is: "served", call: 1 },
      { is: "lease", needed: 2 },
    ]);
    [account, effects] = step(account, { is: "leased", granted: 2, remaining: 0, now: 0 });
    expect([effects, account.reserved, account.free]).toEqual([[{ is: "served", call: 2 }], 4, 0]);
    account = settle(account, 4, 1);
    [account, effects] = step(account, { is: "idle" });
    expect(effects).toEqual([{ is: "return", amount: 3 }]);
    [account, effects] = step(account, { is: "short", call: 3, amount: 2, now: 0 });
    expect(effects).toEqual([]);
    [account, effects] = step(account, { is: "returned" });
    expect(effects).toEqual([{ is: "lease", needed: 2 }]);
  });

  test("while the database is away what it had left is handed out once, and counted when it is back", () => {
    let [account, effects] = step(openAccount(0), { is: "short", call: 1, amount: 1, now: 0 });
    [account] = step(account, { is: "leased", granted: 1, remaining: 5, now: 0 });
    [account] = step(account, { is: "short", call: 2, amount: 4, now: 0 });
    [account, effects] = step(account, { is: "away", now: 0 });
    expect([effects, account.free, account.unleased]).toEqual([[{ is: "served", call: 2 }], 1, 5]);
    [account] = step(account, { is: "short", call: 3, amount: 4, now: 0 });
    [account, effects] = step(account, { is: "away", now: 0 });
    expect(effects).toEqual([{ is: "refused", call: 3 }]);
    account = settle(account, 4, 2);
    [account] = step(account, { is: "metered" });
    expect([account.free, account.unleased]).toEqual([0, 0]);
  });
});
