import { readFile } from "node:fs/promises";
import { loginName } from "../../components/provider/login-name.ts";

/** Name of a user id; the id itself where /etc/passwd does not have it (directory services). */
export async function userName(uid: number): Promise<string> {
  if (uid === process.getuid?.()) return loginName();
  const users = await accounts();
  return users.find((user) => user.uid === uid)?.name ?? `uid ${uid}`;
}

/** True when /etc/passwd has a user of that name. */
export async function userExists(name: string): Promise<boolean> {
  return (await accounts()).some((user) => user.name === name);
}

async function accounts(): Promise<{ name: string; uid: number }[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length > 3)
    .map((fields) => ({ name: fields[0] ?? "", uid: Number(fields[2]) }));
}
