import { access, appendFile, constants, readFile } from "node:fs/promises";
import { hostsFile, unresolvedNames } from "../../preflight/checks/names.ts";
import type { Rule } from "../diagnosis.ts";

/** Names below localhost that only browsers, curl and git find; `--fix` writes them down where it may. */
export const names: Rule = {
  id: "names",
  async run({ settings, facts }) {
    // Who tests, or lives in a container with its own, names another file.
    const file = facts.env.DEVFLOW_HOSTS_FILE ?? hostsFile;
    const missing = await unresolvedNames(settings, facts);
    if (!missing) return [];
    const { names, line } = missing;
    const mayWrite = await access(file, constants.W_OK).then(
      () => true,
      () => false,
    );
    return [
      {
        id: "names",
        severity: "info",
        title: `npm, pip, Go, Node and Python do not find ${names.join(" and ")}`,
        detail: "They ask the C library, which knows names below localhost only by nss-myhostname or the hosts file.",
        evidence: [],
        fix: {
          command: `echo "${line}" | sudo tee -a ${file}`,
          safe: mayWrite,
          ...(mayWrite && { run: () => append(file, line) }),
        },
      },
    ];
  },
};

async function append(file: string, line: string): Promise<string> {
  const before = await readFile(file, "utf8");
  await appendFile(file, `${before === "" || before.endsWith("\n") ? "" : "\n"}${line}\n`);
  return `added "${line}" to ${file}`;
}
