import { runScenario, type ScenarioName } from "./crash-scenarios.ts";

// Runs a scenario and kills itself at one boundary, as a power cut or the kernel would: `FOLDER SCENARIO NUMBER`.
const [folder = "", scenario = "", number = ""] = process.argv.slice(2);
let seen = 0;
await runScenario(folder, scenario as ScenarioName, () => {
  seen += 1;
  if (seen === Number(number)) process.kill(process.pid, "SIGKILL");
});
