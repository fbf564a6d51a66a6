import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Plugin, pluginsOf } from "../../pulumi/plugins.ts";
import type { Check, CheckInput } from "../check.ts";

/**
 * Pulumi takes a plugin that is on PATH whatever version was asked for. An older one of Kubernetes deletes a live object
 * when its resource is renamed, which the one that is asked for refuses.
 */
export const plugins: Check = {
  name: "pulumi-plugins",
  title: "Pulumi's plugins",
  why: "A provider's plugin on PATH is taken whatever its version; another one than the program was made for may replace or delete what it should not.",
  limit: 20_000,
  async run({ settings, facts }, signal) {
    const wanted = pluginsOf(settings.stack.kind);
    if (wanted.length === 0) return { status: "skipped", result: "this stack has no plugins" };
    const ignored = facts.env.PULUMI_IGNORE_AMBIENT_PLUGINS;
    const looked = ignored === "true" || ignored === "1" ? [] : await onPath(wanted, facts, signal);
    const [wrong] = looked
      .filter(({ found, version }) => found !== undefined && found !== version)
      .sort((one, other) => Number(isOlder(other)) - Number(isOlder(one)));
    if (wrong) {
      const result = `${wrong.file} is ${wrong.found}, and the program asks for ${wrong.version}`;
      const fix = "Take it off PATH, or export PULUMI_IGNORE_AMBIENT_PLUGINS=true.";
      return { status: isOlder(wrong) ? "fail" : "warn", result, fix, data: looked };
    }
    const [mute] = looked.filter(({ found }) => found === undefined);
    if (mute) {
      const result = `${mute.file} does not tell its version; the program asks for ${mute.version}`;
      return { status: "warn", result, fix: "Make sure that it is this version, or take it off PATH.", data: looked };
    }
    return { status: "ok", result: wanted.map(({ name, version }) => `${name} ${version}`).join(", "), data: looked };
  },
};

async function onPath(wanted: Plugin[], facts: CheckInput["facts"], signal: AbortSignal) {
  const folders = (facts.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const looked = await Promise.all(
    wanted.map(async ({ name, version }) => {
      const files = folders.map((folder) => join(folder, `pulumi-resource-${name}`));
      const there = await Promise.all(files.map(isProgram));
      const file = files[there.indexOf(true)];
      if (file === undefined) return [];
      const { code, stdout } = await facts.exec([file, "--version"], signal);
      const said = code === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
      // One that somebody built without a version says one of these.
      const found = said === undefined || /^0\.0\.|^1\.0\.0$/.test(said) ? undefined : said;
      return [{ name, version, file, found }];
    }),
  );
  return looked.flat();
}

function isOlder({ found = "", version }: { found?: string | undefined; version: string }): boolean {
  const [mine, wanted] = [found, version].map((one) => one.split(".").map(Number));
  const at = wanted?.findIndex((part, index) => part !== mine?.[index]) ?? -1;
  return at >= 0 && (mine?.[at] ?? 0) < (wanted?.[at] ?? 0);
}

function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
