import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { stackPaths } from "../../../components/provider/paths.ts";
import type { Check, CheckInput } from "../check.ts";
import { answers } from "../machine/socket.ts";

export const leftovers: Check = {
  name: "leftovers",
  title: "Former runs",
  why: "What a run that was cut off left behind can be in the way of the next, and data without state has lost its passwords.",
  async run(input) {
    const { paths } = input;
    const running = await runningStacks(input);
    const others = running.filter((name) => name !== input.settings.stack.name);
    const beside = others.length > 0 ? `, beside stack ${others.join(", ")}, which runs` : "";
    const data = { running };
    const { state, kept } = { state: await exists(paths.state), kept: await entries(join(paths.root, "data")) };
    if (!state && kept.length > 0) {
      return {
        status: "warn",
        result: `data of ${kept.join(", ")} is in ${paths.root}, but no state that has its passwords`,
        fix: `Bring the state back (${paths.state}), or move the data away: \`mv ${paths.root} ${paths.root}.old\``,
        data: { ...data, kept },
      };
    }
    if (state && !input.facts.env.DEVFLOW_STATE_PASSPHRASE && !(await exists(paths.key))) {
      const fix = `Bring ${paths.key} back from a backup; without it the state's passwords are lost.`;
      return {
        status: "fail",
        result: "there is a state, but not the key that its secrets are encrypted with",
        fix,
        data,
      };
    }
    const half = (await entries(paths.root)).filter((name) =>
      /^state\.json\..*tmp|^state\.json\.tmp|\.partial$/.test(name),
    );
    if (half.length > 0) {
      return {
        status: "ok",
        result: `a half-written ${half.join(", ")} of a run that was cut off, which does no harm${beside}`,
        data,
      };
    }
    if ((await exists(paths.socket)) && !(await answers(paths.socket))) {
      return {
        status: "ok",
        result: `a stack that was not stopped (a crash or reboot); it is taken up again${beside}`,
        data,
      };
    }
    return { status: "ok", result: `${state ? "an earlier run, in order" : "none"}${beside}`, data };
  },
};

/** Names of the stacks under this home whose supervisor answers. */
async function runningStacks({ home }: CheckInput): Promise<string[]> {
  const names = await entries(join(home.home, "stacks"));
  const alive = await Promise.all(names.map((name) => answers(stackPaths(home.home, name).socket)));
  return names.filter((_, index) => alive[index]);
}

function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
