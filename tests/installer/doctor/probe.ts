// Runs one rule in a process of its own and prints its findings: `node probe.ts <rule> <folder of the stack>`.
import { diagnose, rules } from "../../../installer/doctor/index.ts";
import { inputFor } from "../preflight/machine.ts";

const [id, folder = ""] = process.argv.slice(2);
process.stdout.write(
  JSON.stringify(await diagnose(inputFor({ folder }), { rules: rules.filter((rule) => rule.id === id) })),
);
