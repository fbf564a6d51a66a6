import { DevflowError } from "../../../components/error.ts";
import { isReference } from "../../../glue-services/secrets/backends/index.ts";
import type { Io } from "../../commands/command.ts";
import { locateStack } from "../../stack.ts";
import { paint } from "../../terminal/paint.ts";
import { symbols } from "../../terminal/symbols.ts";
import { secretsApi } from "../api.ts";
import { demandName, platformFile } from "../platform-file.ts";
import { readValue } from "../value.ts";
import { agree, type Input, type Options, queryOf, refuseGenerated, tierOf } from "./input.ts";

export async function set(input: Input): Promise<unknown> {
  const { options, args, io } = input;
  const [name = ""] = args;
  refuseGenerated(name, "set");
  if (options.reference !== undefined && !isReference(options.reference)) {
    throw new DevflowError("USAGE", "A reference is op://vault/item/field or env:NAME.", {
      hint: "Give a value by standard input, never as an argument: other users of the machine can read those.",
      docs: "secrets",
    });
  }
  const value = options.reference ?? (await readValue(io, { name, file: options.file }));
  const told = await setOrRotate(io, options, name, value, "set");
  if (!io.json) io.err(`${paint(io, "green", symbols(io).done)} ${name} is set for the ${told.tier}.\n`);
  return told;
}

export async function setOrRotate(io: Io, options: Options, name: string, value: string, how: "set" | "rotate") {
  demandName(name);
  const tier = tierOf(options);
  const place = await locateStack(io, options);
  if (tier === "platform") {
    await platformFile(place.paths.platformSecrets).change({ [name]: value });
    return { name, tier };
  }
  const api = await secretsApi(io, options);
  const project = options.project ? { project: options.project } : {};
  if (how === "rotate") {
    await api.call("POST", `/${name}/rotate`, { value, overlap: Number(options.overlap ?? 0), ...project });
  } else {
    await api.call("PUT", `/${name}`, { ...(options.reference ? { reference: value } : { value }), ...project });
  }
  return { name, tier };
}

export async function remove({ options, args: [name = ""], io }: Input): Promise<unknown> {
  refuseGenerated(name, "delete");
  demandName(name);
  const tier = tierOf(options);
  const place = await locateStack(io, options);
  await agree(io, options, `Delete ${name} of the ${tier}?`);
  if (tier === "platform") {
    const file = platformFile(place.paths.platformSecrets);
    if (!(await file.read()).has(name)) {
      throw new DevflowError("NOT_FOUND", `The platform has no secret ${name}.`, {
        hint: "`./devflow secrets list` names them.",
      });
    }
    await file.change({ [name]: undefined });
  } else {
    await (await secretsApi(io, options)).call("DELETE", `/${name}${queryOf(options)}`);
  }
  return { deleted: name, tier };
}
