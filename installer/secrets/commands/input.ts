import { DevflowError } from "../../../components/error.ts";
import type { GlobalOptions, Io } from "../../commands/command.ts";
import { confirm } from "../../terminal/confirm.ts";
import { type SecretsApi, secretsApi } from "../api.ts";

export type Tier = "platform" | "organisation" | "project";

export interface Options extends GlobalOptions {
  tier?: Tier;
  project?: string;
  keyFile?: string;
  file?: string;
  reference?: string;
  overlap?: string;
  all?: boolean;
}

export interface Input {
  options: Options;
  args: string[];
  io: Io;
}

export function tierOf({ tier, project }: Options): Tier {
  if (project !== undefined && tier !== undefined && tier !== "project") {
    throw new DevflowError("USAGE", `--project is for the tier project, not ${tier}.`, {
      hint: "Leave one of them out.",
    });
  }
  if (tier === "project" && project === undefined) {
    throw new DevflowError("USAGE", "The tier project needs --project <id>.", { hint: "Give the project's id." });
  }
  return tier ?? (project === undefined ? "platform" : "project");
}

export function refuseGenerated(name: string, verb: string): void {
  if (!name.includes("/")) return;
  throw new DevflowError("USAGE", `${name} is generated: it cannot be ${verb === "set" ? "set" : "deleted"} by hand.`, {
    hint: `\`./devflow secrets rotate ${name}\` replaces it while everything runs.`,
    docs: "secrets",
  });
}

export async function agree(io: Io, options: Options, question: string): Promise<void> {
  if (options.yes) return;
  if (!io.interactive) {
    throw new DevflowError("USAGE", "This asks first, and nobody can be asked here.", { hint: "Add --yes to agree." });
  }
  if (!(await confirm(io, question))) {
    throw new DevflowError("ABORTED", "Nothing was changed.", { hint: "Run it again when you mean it." });
  }
}

/** The interface for lists: undefined without a key, since a list needs none for what is on this machine. */
export async function apiOf(io: Io, options: Options): Promise<SecretsApi | undefined> {
  return options.keyFile || io.env.DEVFLOW_API_KEY ? secretsApi(io, options) : undefined;
}

/** The project as the API takes it in an address. */
export function queryOf({ project }: Options): string {
  return project ? `?project=${encodeURIComponent(project)}` : "";
}
