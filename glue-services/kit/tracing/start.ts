import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Tracer, useTracer } from "./span.ts";

/**
 * Sends traces to the OTLP endpoint of `OTEL_EXPORTER_OTLP_ENDPOINT` (HTTP, protobuf); the other OTEL_* variables mean
 * what OpenTelemetry says. Without an endpoint nothing of it is loaded.
 */
export async function startTracing(app: FastifyInstance, version: string): Promise<void> {
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT && !process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return;
  const [
    { context, propagation, SpanKind, SpanStatusCode, trace },
    sdk,
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
    import("@opentelemetry/resources"),
  ]);
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": process.env.OTEL_SERVICE_NAME ?? "devflow",
      "service.version": version,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const tracer = provider.getTracer("devflow", version);

  useTracer({
    span: (name, attributes, work, parent) => {
      const from = parent ? propagation.extract(context.active(), { traceparent: parent }) : context.active();
      return tracer.startActiveSpan(name, { attributes }, from, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.recordException(error as Error);
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    open(name, attributes) {
      const opened = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
      return {
        set: (more) => void opened.setAttributes(more),
        end(error) {
          if (error !== undefined) opened.setAttribute("error.type", error).setStatus({ code: SpanStatusCode.ERROR });
          opened.end();
        },
      };
    },
    traceparent: () => {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent ?? null;
    },
  } satisfies Tracer);

  const open = new WeakMap<FastifyRequest, ReturnType<typeof tracer.startSpan>>();
  // In the style with a callback: what follows runs inside of `done`, and so inside of the span.
  app.addHook("onRequest", (request, _reply, done) => {
    const from = propagation.extract(context.active(), request.headers);
    const name = `${request.method} ${request.routeOptions.url ?? ""}`.trim();
    const attributes = { "http.request.method": request.method, "http.route": request.routeOptions.url ?? "" };
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, from);
    open.set(request, span);
    context.with(trace.setSpan(from, span), done);
  });
  app.addHook("onResponse", async (request, reply) => {
    const span = open.get(request);
    span?.setAttribute("http.response.status_code", reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
  app.addHook("onClose", async () => {
    useTracer(undefined);
    await provider.shutdown();
  });
}
