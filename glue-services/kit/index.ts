export { ApiError, type ApiErrorCode } from "./api-error.ts";
export { type App, type AppOptions, buildApp, type Service } from "./app.ts";
export type { Identity, RouteAuth, Verifier } from "./authentication.ts";
export { ErrorAnswer } from "./error-handler.ts";
export { type LogLevel, logLevels } from "./logging.ts";
export { metricsPath } from "./metrics.ts";
