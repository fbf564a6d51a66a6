import { AjvCompiler } from "@fastify/ajv-compiler";
import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import { Ajv, type ValidateFunction } from "ajv";
import type { FastifyServerOptions } from "fastify";
import type { TSchema } from "typebox";

/**
 * Fastify's own compilers, each schema once a process: most routes share theirs with others, such as that of errors, and
 * compiling schemas is most of what a host does until it is ready.
 */
export const schemaController: NonNullable<FastifyServerOptions["schemaController"]> = {
  compilersFactory: {
    buildValidator: onceEach((...given: Parameters<ReturnType<typeof AjvCompiler>>) => {
      const compile = AjvCompiler()(...given);
      return (route: Parameters<typeof compile>[0]) => withFiniteNumbers(compile(route));
    }),
    buildSerializer: onceEach((...given: Parameters<ReturnType<typeof SerializerSelector>>) =>
      SerializerSelector()(...given),
    ),
  },
};

const payloads = new Ajv({ strict: false, validateFormats: false });

/** Checks what an event or a job carries. */
export function payloadCheck(schema: TSchema): ValidateFunction {
  return payloads.compile(schema);
}

/** What is compiled depends on the schema, on those that it may refer to, and on the compiler's options. */
function onceEach<Surroundings extends unknown[], Given, Compiled>(
  build: (...surroundings: Surroundings) => (given: Given) => Compiled,
): (...surroundings: Surroundings) => (given: Given) => Compiled {
  const scopes = new Map<string, Map<string, Compiled>>();
  return (...surroundings) => {
    const scope = JSON.stringify(surroundings);
    const known = scopes.get(scope) ?? new Map<string, Compiled>();
    scopes.set(scope, known);
    let compile: ((given: Given) => Compiled) | undefined;
    return (given) => {
      // Besides the schema it names the route, for messages.
      const { schema } = given as { schema: unknown };
      const key = JSON.stringify(schema);
      const before = known.get(key);
      if (before) return before;
      compile ??= build(...surroundings);
      const compiled = compile(given);
      known.set(key, compiled);
      return compiled;
    };
  };
}

interface Validator {
  (data: unknown): boolean;
  errors?: readonly object[] | null;
}

/**
 * The same validator, refusing numbers without end: Ajv makes `"1e999"` infinite where it reads texts as numbers, and then
 * holds it against no minimum and no maximum.
 */
export function withFiniteNumbers<Given>(compiled: Given): Given {
  const validate = compiled as unknown as Validator;
  const checked: Validator = (data) => {
    const valid = validate(data);
    checked.errors = valid ? null : (validate.errors ?? null);
    const path = valid ? infiniteAt(data, "") : undefined;
    if (path === undefined) return valid;
    checked.errors = [{ keyword: "type", instancePath: path, schemaPath: "#", params: { type: "number" } }];
    return false;
  };
  return checked as unknown as Given;
}

function infiniteAt(value: unknown, path: string): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const found = infiniteAt(one, `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
