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
    buildValidator: onceEach((...given: Parameters<ReturnType<typeof AjvCompiler>>) => AjvCompiler()(...given)),
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
