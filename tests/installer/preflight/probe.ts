// Runs one check in a process of its own and prints its finding: `node probe.ts <check> <changes as JSON>`.
import { checks } from "../../../installer/preflight/checks/index.ts";
import { type Changes, run } from "./machine.ts";

const [name, changes = "{}"] = process.argv.slice(2);
const check = checks.find((one) => one.name === name);
if (!check) throw new Error(`no check ${name}`);
process.stdout.write(JSON.stringify(await run(check, JSON.parse(changes) as Changes)));
