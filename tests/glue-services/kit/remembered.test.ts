import { expect, onTestFinished, test, vi } from "vitest";
import { remember } from "../../../glue-services/kit/index.ts";

function holdTime(): void {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("what nobody said had changed is answered at once, and asked for again behind it", async () => {
  holdTime();
  let value = 1;
  let asked = 0;
  const known = remember(async () => {
    asked++;
    return value;
  });
  expect(await known.get("a")).toBe(1);
  value = 2;
  expect([known.get("a"), asked]).toEqual([1, 1]);
  vi.advanceTimersByTime(31_000);
  expect([known.get("a"), known.get("a"), asked]).toEqual([1, 1, 2]);
  await vi.advanceTimersByTimeAsync(0);
  expect([known.get("a"), asked]).toEqual([2, 2]);
});

test("while a database hangs former answers are used, a change is waited for two seconds, and what is not known is not made up", async () => {
  holdTime();
  let hangs = false;
  const known = remember((id) => (hangs ? new Promise<string>(() => {}) : Promise.resolve(`of ${id}`)));
  expect(await known.get("a")).toBe("of a");
  hangs = true;
  vi.advanceTimersByTime(31_000);
  expect([known.get("a"), known.get("a")]).toEqual(["of a", "of a"]);
  known.doubt();
  const doubted = known.get("a") as Promise<string>;
  expect(doubted).toBeInstanceOf(Promise);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await doubted).toBe("of a");
  let answered = false;
  void Promise.resolve(known.get("b")).then(() => {
    answered = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answered).toBe(false);
});

test("what was taken away is not used again once it is known to have changed, nor when it is too old", async () => {
  holdTime();
  let there = true;
  const known = remember(async () => (there ? "there" : undefined));
  expect(await known.get("a")).toBe("there");
  there = false;
  known.doubt();
  expect(await known.get("a")).toBeUndefined();
  there = true;
  expect(await known.get("a")).toBe("there");
  there = false;
  vi.advanceTimersByTime(601_000);
  expect(await known.get("a")).toBeUndefined();
});
