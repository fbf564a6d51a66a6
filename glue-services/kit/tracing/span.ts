export type Attributes = Record<string, string | number | boolean | string[] | undefined>;

/** A span whose end is told, for work that is no function. */
export interface OpenSpan {
  set(attributes: Attributes): void;
  /** @param error what kind of error it ended with; undefined: all is well */
  end(error?: string): void;
}

/** What a tracer must do for the kit; `start.ts` sets one when traces are wanted. */
export interface Tracer {
  span<Result>(
    name: string,
    attributes: Record<string, string>,
    work: () => Promise<Result>,
    parent: string | null | undefined,
  ): Promise<Result>;
  /** Begins a span of a call to another system, below the one that is worked in. */
  open(name: string, attributes: Attributes): OpenSpan;
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

/** Begins a span of a call to another system; undefined without a tracer, so that attributes need not be made. */
export function openSpan(name: () => string, attributes: () => Attributes): OpenSpan | undefined {
  return tracer?.open(name(), attributes());
}

export function traceparent(): string | null {
  return tracer?.traceparent() ?? null;
}
