import { loginPattern } from "./schema/platform.ts";

/** Defaults that depend on other settings or on the machine, with the words `config explain` shows for them. */
export function computedDefaults(input: {
  settings: ReadonlyMap<string, unknown>;
  user: string;
}): Map<string, { value: unknown; where: string }> {
  const found = new Map<string, { value: unknown; where: string }>();
  const login = input.user.toLowerCase();
  if (new RegExp(loginPattern).test(login)) {
    found.set("organisation.administrator.name", { value: login, where: "your login name" });
  }
  const domain = String(input.settings.get("network.domain"));
  // An address needs brackets in an e-mail address, which most programs refuse.
  const host = /^[0-9.]+$|:/.test(domain) ? "localhost" : domain;
  found.set("organisation.administrator.email", { value: `admin@${host}`, where: "admin@ and network.domain" });
  return found;
}
