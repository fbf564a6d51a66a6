/** What is asked for, or the signal's reason as soon as it is aborted. */
export function untilAborted<Result>(asked: Promise<Result>, signal: AbortSignal): Promise<Result> {
  asked.catch(() => {});
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
