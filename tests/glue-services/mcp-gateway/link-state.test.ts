import { expect, it } from "vitest";
import { begun, type LinkEvent, step } from "../../../glue-services/mcp-gateway/federation/link-state.ts";
import { wholeNumbers } from "../../seeded.ts";

const events: LinkEvent[] = ["connected", "failed", "lost", "due", "closed"];

it("a link that is kept always waits for exactly one thing, tells what may have been missed, and stays closed", () => {
  const below = wholeNumbers(4);
  for (let run = 0; run < 2000; run++) {
    let state = begun;
    // A connection is being made, or a timer runs, or it is open; what happens else is not its doing.
    let pending = "connect";
    let away = false;
    for (let n = 0; n < 40; n++) {
      const event = events[below(n < 30 ? 4 : 5)] as LinkEvent;
      const [next, effects] = step(state, event);
      const happened = next !== state;
      if (happened && next.is !== "closed") {
        expect([run, pending, event]).toEqual([
          run,
          { connected: "connect", failed: "connect", lost: "open", due: "wait" }[event as "lost"],
          event,
        ]);
        if (event !== "connected") away = true;
        expect(effects.some(({ is }) => is === "missed")).toBe(event === "connected" && away);
        if (event === "connected") away = false;
        pending = event === "connected" ? "open" : (effects[0]?.is ?? "nothing");
        expect(effects).toHaveLength(event === "connected" ? (effects[0] ? 1 : 0) : 1);
      } else {
        expect(effects).toEqual([]);
      }
      if (state.is === "closed") expect(next).toBe(state);
      state = next;
    }
  }
});

it("a server that is away is tried again after 1, 2, 4 seconds and never later than after a minute", () => {
  const pauses: number[] = [];
  let state = begun;
  for (let n = 0; n < 12; n++) {
    const [waiting, effects] = step(state, "failed");
    for (const effect of effects) if (effect.is === "wait") pauses.push(effect.ms);
    [state] = step(waiting, "due");
  }
  expect(pauses.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(pauses.slice(6)).toEqual(Array.from({ length: 6 }, () => 60_000));
});
