/** What a tracer must do for the kit; `start.ts` sets one when traces are wanted. */
export interface Tracer {
  span<Result>(
    name: string,
    attributes: Record<string, string>,
    work: () => Promise<Result>,
    parent: string | null | undefined,
  ): Promise<Result>;
  /** W3C trace context of the span that is being worked in, to hand on with an event or a job. */
  traceparent(): string | null;
}

let tracer: Tracer | undefined;

export function useTracer(one: Tracer | undefined): void {
  tracer = one;
}

/** Runs `work` as a span; without a tracer it just runs it. `parent` is a W3C traceparent. */
export function span<Result>(
  name: string,
  attributes: Record<string, string>,
  work: () => Promise<Result>,
  parent?: string | null,
): Promise<Result> {
  return tracer ? tracer.span(name, attributes, work, parent) : work();
}

export function traceparent(): string | null {
  return tracer?.traceparent() ?? null;
}
