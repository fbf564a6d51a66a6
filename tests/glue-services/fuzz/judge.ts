import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Document, Operation } from "./operations.ts";

export interface Answer {
  statusCode: number;
  body: string;
  headers: Record<string, unknown>;
}

/**
 * What is wrong with an answer, in a sentence; undefined when nothing is. The host never says that it made a mistake, and
 * whatever it says has the form that its description promises for that status.
 */
export function judgeBy(document: Document): (operation: Operation, answer: Answer) => string | undefined {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  addFormats.default(ajv as never);
  ajv.addSchema({ $id: "document", components: document.components ?? {} });
  const compiled = new Map<object, ValidateFunction>();
  const check = (schema: object, body: unknown): string | undefined => {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = compiled.get(schema) ?? ajv.compile(JSON.parse(text));
    compiled.set(schema, validate);
    return validate(body) ? undefined : ajv.errorsText(validate.errors);
  };
  return ({ path, responses }, { statusCode, body, headers }) => {
    const unavailable = statusCode === 503 && body.includes('"UNAVAILABLE"');
    if (statusCode >= 500 && statusCode !== 501 && !unavailable && !isModelMissing(path, statusCode, body)) {
      return "says that the host made a mistake";
    }
    const type = String(headers["content-type"] ?? "");
    if (statusCode >= 400 && responses === undefined) return refusalOf(path, type, body);
    const described = responses?.[statusCode] ?? responses?.default;
    if (!described) return undefined;
    if (statusCode < 300 && responses?.[statusCode] === undefined) return undefined;
    const schema = described.content?.["application/json"]?.schema;
    if (!schema || !type.includes("json")) return statusCode >= 400 ? "is a refusal without a form" : undefined;
    const wrong = check(schema, parsed(body));
    return wrong && `is not as it is described: ${wrong}`;
  };
}

/** Addresses that are not described refuse in their own protocol's words, or in the platform's. */
function refusalOf(path: string, type: string, body: string): string | undefined {
  if (!type.includes("json")) return path.startsWith("/v1") || path.startsWith("/mcp") ? "is no JSON" : undefined;
  const told = parsed(body);
  const error = typeof told === "object" && told !== null && "error" in told ? told.error : undefined;
  if (typeof error === "string") return undefined;
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof message === "string" && message !== "" ? undefined : "is a refusal without words";
}

/** A host without a provider says so of models, which is no mistake of its own. */
function isModelMissing(path: string, status: number, body: string): boolean {
  return path.startsWith("/v1/") && status === 503 && /local_model_missing|provider/.test(body);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
