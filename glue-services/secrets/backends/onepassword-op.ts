import { spawn } from "node:child_process";
import { type Backend, patience, type Reason, Unresolvable, unreachable } from "./backend.ts";
import { formatReference, parseReference } from "./reference.ts";

export interface OpOptions {
  /** @default "op", looked up on PATH */
  program?: string;
  /** Environment of the program; holds the service account's token where one is used. */
  env?: NodeJS.ProcessEnv;
}

const backend = "1password-op" as const;

/** `op://` by the program `op read`: whoever is signed in there, or a service account's token in its environment. */
export function onepasswordOp({ program = "op", env = process.env }: OpOptions = {}): Backend {
  return {
    name: backend,
    async read(reference, signal) {
      const parsed = parseReference(reference);
      if (parsed.scheme !== "op") {
        throw new Unresolvable("malformed", { reference, backend, why: "it is not an op:// reference" });
      }
      const limit = AbortSignal.timeout(patience);
      const { code, stdout, stderr } = await run(
        [program, "read", "--no-newline", formatReference(parsed)],
        // It must never wait for somebody to sign in.
        { ...env, OP_BIOMETRIC_UNLOCK_ENABLED: "false", NO_COLOR: "1" },
        signal ? AbortSignal.any([signal, limit]) : limit,
      ).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT" && error.code !== "EACCES") throw unreachable(backend, reference, error);
        throw new Unresolvable("unreachable", {
          reference,
          backend,
          why: `there is no program ${program}`,
          hint: "Install the 1Password CLI, or set a service account's token or a Connect server.",
        });
      });
      if (code === 0) return stdout;
      throw refused(reference, stderr);
    },
  };
}

/** Its own words stay out: they may name an account. */
function refused(reference: string, stderr: string): Unresolvable {
  const found = outcomes.find(({ words }) => words.test(stderr));
  const { reason, why } = found ?? { reason: "unreachable" as const, why: "it ended with an error" };
  return new Unresolvable(reason, { reference, backend, why });
}

const outcomes: { words: RegExp; reason: Reason; why: string }[] = [
  {
    words: /isn't an? (vault|item|field|section)|does not have a (field|section)|no item found|more than one item/i,
    reason: "missing",
    why: "there is no such vault, item or field, or there are several",
  },
  {
    words:
      /not (currently )?signed in|no accounts? (configured|found)|unauthori[sz]ed|forbidden|\b40[13]\b|deserialize/i,
    reason: "denied",
    why: "nobody is signed in, or the token is refused",
  },
  { words: /invalid secret reference/i, reason: "malformed", why: "it is not a whole reference" },
];

function run(
  [file = "", ...args]: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, signal, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (more: string) => {
        text[name] += more;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...text }));
  });
}
