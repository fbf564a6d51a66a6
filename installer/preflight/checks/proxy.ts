import type { Check } from "../check.ts";

const local = ["localhost", "127.0.0.1"];

export const proxy: Check = {
  name: "proxy",
  title: "Proxy variables",
  why: "A proxy that is also asked for localhost cannot reach it, so programs that run seem not to.",
  async run({ facts: { env } }) {
    const set = ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => {
      const value = env[name] || env[name.toUpperCase()];
      return value ? [{ name: name.toUpperCase(), value }] : [];
    });
    if (set.length === 0) return { status: "ok", result: "no proxy is set" };
    const names = set.map(({ name }) => name).join(", ");
    const broken = set.find(({ value }) => !URL.canParse(value.includes("://") ? value : `http://${value}`));
    // The value may carry a password, so only the variable is named.
    if (broken)
      return {
        status: "warn",
        result: `${broken.name} is not an address`,
        fix: `export ${broken.name}=http://host:port`,
      };
    const differing = set.find(({ name }) => {
      const [lower, upper] = [env[name.toLowerCase()], env[name]];
      return lower && upper && lower !== upper;
    });
    if (differing) {
      const { name } = differing;
      return {
        status: "warn",
        result: `${name} and ${name.toLowerCase()} differ: some programs read one, some the other`,
        fix: `export ${name}="$${name.toLowerCase()}"`,
      };
    }
    const exempt = (env.no_proxy || env.NO_PROXY || "").split(/[\s,]+/).filter(Boolean);
    const missing = exempt.includes("*") ? [] : local.filter((host) => !exempt.includes(host));
    if (missing.length === 0) return { status: "ok", result: `${names} set, not used for this machine itself` };
    const wanted = [...new Set([...exempt, ...local, "::1"])].join(",");
    return {
      status: "warn",
      result: `${names} set, but NO_PROXY does not name ${missing.join(" and ")}`,
      fix: `export NO_PROXY=${wanted} no_proxy=${wanted}`,
    };
  },
};
