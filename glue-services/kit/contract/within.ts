import { ApiError } from "../api-error.ts";
import { untilAborted } from "../until-aborted.ts";

/**
 * Does the work within the milliseconds, and no longer than somebody waits. The work's signal is aborted with the reason
 * that the caller gets.
 *
 * @throws ApiError TIMEOUT, or the reason of the signal
 */
export async function within<Result>(
  milliseconds: number,
  { what, signal }: { what: string; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const leave = () => ending.abort(signal?.reason);
  const timer = setTimeout(
    () => ending.abort(new ApiError("TIMEOUT", `${what} did not answer within ${milliseconds / 1000} s.`)),
    milliseconds,
  );
  signal?.addEventListener("abort", leave, { once: true });
  try {
    return await untilAborted(work(ending.signal), ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}
