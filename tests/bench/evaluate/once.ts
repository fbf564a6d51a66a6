/** Evaluates the program of one kind of stack once and says how long that took, as JSON. */
import { declared } from "../../../installer/declared/declared.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";

const kind = process.argv[2] ?? "saas";
const flags = {
  "stack.kind": kind,
  "stack.name": "bench",
  "network.domain": "dev.example.com",
  "network.email": "ops@example.com",
  "images.glue": "registry.example.com/devflow/glue:0.1.0",
  ...((kind === "saas" || kind === "dedicated") && { "images.byDigest": false }),
  ...(kind === "dedicated" && { "aws.account": "123456789012", "aws.zone": "example.com" }),
};
const { settings } = resolveSettings({ flags, env: {}, cwd: "/" });
const started = performance.now();
const before = used();
const { goals, errors } = await declared(settings);
if (errors.length > 0) throw errors[0];
const evaluation = performance.now() - started;
const cpu = used();
console.log(JSON.stringify({ resources: goals.length, evaluation, evaluating: cpu - before, cpu }));
// The SDK keeps a timer of its own.
process.exit(0);

/** Milliseconds of all processors, since the process began. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
