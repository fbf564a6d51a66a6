import { DevflowError } from "../../../components/error.ts";
import { isReference, resolver, Unresolvable } from "../../../glue-services/secrets/backends/index.ts";
import { nearest } from "../../../stacks/config/nearest.ts";
import type { Io } from "../../commands/command.ts";
import { locateStack } from "../../stack.ts";
import { secretsApi } from "../api.ts";
import { envFileStore } from "../env-file.ts";
import { platformFile } from "../platform-file.ts";
import type { Input, Options } from "./input.ts";

export async function get({ options, args: [name = ""], io }: Input): Promise<{ name: string; value: string }> {
  const value = await secretValue(io, options, name);
  if (!io.json) io.out(`${value}\n`);
  return { name, value };
}

/** @throws DevflowError NOT_FOUND with the nearest name */
export async function secretValue(io: Io, options: Options, name: string): Promise<string> {
  const place = await locateStack(io, options);
  if (options.tier === "organisation" || options.tier === "project" || options.project) {
    const api = await secretsApi(io, options);
    const wanted = { name, purpose: "devflow secrets get", ...(options.project && { project: options.project }) };
    return (await api.call<{ value: string }>("POST", "/resolve", wanted)).value;
  }
  const { paths, name: stack } = place;
  const store = envFileStore(paths.secrets);
  const file = await platformFile(paths.platformSecrets).read();
  const found = name.includes("/") ? await store.get(name) : file.get(name);
  if (found === undefined) {
    const near = nearest(name, [...file.keys(), ...(await store.list())]);
    throw new DevflowError("NOT_FOUND", `Stack ${stack} has no secret "${name}".`, {
      hint: near
        ? `Did you mean ${near}?`
        : "`./devflow secrets list` names them; `./devflow up` makes generated ones.",
      docs: "secrets",
    });
  }
  return isReference(found) ? read(paths.platformSecrets, found, io.signal) : found;
}

async function read(file: string, reference: string, signal: AbortSignal): Promise<string> {
  return resolver({ file })
    .resolve(reference, signal)
    .catch((error: unknown) => {
      if (!(error instanceof Unresolvable)) throw error;
      throw new DevflowError("COMMAND_FAILED", error.message, { hint: error.hint, docs: "secrets", cause: error });
    });
}
