import type { Check } from "../check.ts";

/** First release that refuses to work in folders of other users unless told to, and speaks protocol 2 by default. */
const oldest = [2, 30] as const;

export const git: Check = {
  name: "git",
  title: "Git",
  why: "The Git server works through the git program of this machine.",
  async run({ facts }, signal) {
    const install =
      facts.os === "darwin" ? "xcode-select --install" : "sudo apt-get install git   (or dnf, pacman, apk)";
    const { code, stdout } = await facts.exec(["git", "--version"], signal);
    if (code === 127) return { status: "fail", result: "git is not installed", fix: install };
    const [, version, major, minor] = /(\d+)\.(\d+)[\d.]*/.exec(stdout)
      ? (/((\d+)\.(\d+)[\d.]*)/.exec(stdout) ?? [])
      : [];
    if (version === undefined) return { status: "warn", result: "git does not tell its version", fix: "git --version" };
    const enough = Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
    if (enough) return { status: "ok", result: `git ${version}` };
    return { status: "fail", result: `git ${version}, ${oldest.join(".")} or later is needed`, fix: install };
  },
};
