import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { loginName } from "../../../components/provider/login-name.ts";
import { isRealDomain } from "../../../stacks/config/formats.ts";
import type { Holder } from "../../machine/holders.ts";
import { bindOf, freeBlock, inBlock } from "../block.ts";
import type { Check, CheckInput, Finding } from "../check.ts";

export const ports: Check = {
  name: "ports",
  title: "Ports",
  why: "Two programs cannot listen on the same port.",
  async run(input) {
    const wanted = input.needs.ports.filter(({ port }) => !input.owned.ports.includes(port));
    const twice = wanted.find(({ port }, index) => wanted.findIndex((other) => other.port === port) < index);
    if (twice) {
      const both = wanted.filter(({ port }) => port === twice.port).map(({ component }) => component);
      return {
        status: "fail",
        result: `${both.join(" and ")} both want port ${twice.port}`,
        fix: "Give one of them another port in devflow.yaml.",
      };
    }
    const taken = (await Promise.all(wanted.map((need) => tryPort(need, input)))).filter((one) => one !== undefined);
    const [first] = taken;
    if (!first) return { status: "ok", result: free(wanted.length, input), data: wanted };
    const holders = await input.facts.holders(taken.map(({ port }) => port));
    return settle(taken, holders, input);
  },
};

interface Taken {
  component: string;
  port: number;
  code: string;
}

function free(wanted: number, { owned }: CheckInput): string {
  const own = `${owned.ports.length} held by this stack's own programs`;
  return (
    [...(wanted > 0 ? [`${wanted} free`] : []), ...(owned.ports.length > 0 ? [own] : [])].join(", ") || "none needed"
  );
}

/** A second `up` that probes at the same moment holds the port for a blink, so a port without a holder is tried again. */
async function tryPort(
  need: { component: string; port: number },
  { settings, facts }: CheckInput,
): Promise<Taken | undefined> {
  for (let attempt = 1; ; attempt++) {
    const code = await facts.tryListen(bindOf(need.port, settings.network), need.port);
    if (code === undefined) return shadowed(need, facts);
    if (code !== "EADDRINUSE" || attempt === 3 || (await facts.holders([need.port])).length > 0)
      return { ...need, code };
    await wait(50 * attempt);
  }
}

/** Listening on 127.0.0.1 succeeds beside a program on ::1, but then `localhost` may lead to that one. */
async function shadowed(
  need: { component: string; port: number },
  facts: CheckInput["facts"],
): Promise<Taken | undefined> {
  const code = await facts.tryListen("::1", need.port);
  return code === "EADDRINUSE" ? { ...need, code } : undefined;
}

async function settle(taken: Taken[], holders: Holder[], input: CheckInput): Promise<Finding> {
  const { settings } = input;
  const data = { taken, holders };
  const absent = taken.find(({ code }) => code === "EADDRNOTAVAIL");
  if (absent) {
    const result = `${settings.network.bind} is no address of this machine`;
    return { status: "fail", result, fix: "Choose another: `--set network.bind=127.0.0.1`", data };
  }
  const privileged = taken.find(({ code }) => code === "EACCES");
  const result = privileged
    ? await tooLow(privileged.port, input)
    : (heldByStack(taken, holders) ??
      listed(taken.map(({ port }) => `port ${port} is held by ${nameHolder(port, holders)}`)));
  // The ports of a real domain are what browsers and certificate authorities expect: they cannot move.
  const movable =
    !isRealDomain(settings.network.domain) && taken.every(({ port }) => inBlock(port, settings.network.port));
  const free = movable ? await freeBlock(input) : undefined;
  if (free !== undefined) {
    const fix = `--set network.port=${free}`;
    return { status: "warn", result, fix, data, change: { path: "network.port", value: free } };
  }
  return { status: "fail", result, fix: privileged ? allowLow(privileged.port) : stop(taken, holders, input), data };
}

/** The numbers of all are in the data. */
function listed(sentences: string[]): string {
  const more = sentences.length - 2;
  return sentences.slice(0, 2).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function nameHolder(port: number, holders: Holder[]): string {
  const holder =
    holders.find((one) => one.port === port && one.pid !== undefined) ?? holders.find((one) => one.port === port);
  // On WSL the holder is a Windows program, in a container a program outside of it.
  if (!holder) return "a program that cannot be seen from here";
  if (holder.pid === undefined) return `a program of user ${holder.user}`;
  const whose = holder.user && holder.user !== loginName() ? `, user ${holder.user}` : "";
  return `${holder.command ?? "a program"} (pid ${holder.pid}${whose})`;
}

/** One sentence for another stack, however many of the ports it has; undefined when somebody else holds one too. */
function heldByStack(taken: Taken[], holders: Holder[]): string | undefined {
  const [first] = holders;
  const stack = first?.stack;
  if (!stack || !taken.every(({ port }) => holders.some((holder) => holder.port === port))) return undefined;
  if (holders.some((holder) => holder.stack?.folder !== stack.folder)) return undefined;
  const ports = taken.map(({ port }) => port);
  const which = ports.length === 1 ? `port ${ports[0]} is` : `ports ${ports[0]} to ${Math.max(...ports)} are`;
  return `${which} held by another DevFlow stack: ${stack.name} (${stack.folder})`;
}

/** Programs of another stack are its supervisor's to end, which would start them again. */
function stop(taken: Taken[], holders: Holder[], { home }: CheckInput): string {
  const stacks = new Map(holders.flatMap(({ stack }) => (stack ? [[stack.folder, stack] as const] : [])));
  const downs = [...stacks.values()].map(({ name, folder }) => {
    const elsewhere = folder === join(home.home, "stacks", name) ? "" : `DEVFLOW_HOME=${dirname(dirname(folder))} `;
    return `Stop that stack if it may rest: \`${elsewhere}./devflow down --stack ${name}\``;
  });
  const pids = [...new Set(holders.flatMap(({ pid, stack }) => (stack ? [] : (pid ?? []))))];
  if (downs.length > 0 && pids.length === 0)
    return `${downs.join("; ")}; or use other ports for ${taken.map(({ component }) => component).join(", ")}.`;
  const seen = pids.length > 0 ? `Stop it if it may go: \`kill ${pids.join(" ")}\`` : "Stop the program that holds it";
  return `${seen}; or use other ports for ${taken.map(({ component }) => component).join(", ")}.`;
}

async function tooLow(port: number, { facts }: CheckInput): Promise<string> {
  const first = (await facts.readFile(join(facts.proc, "sys/net/ipv4/ip_unprivileged_port_start")))?.trim() ?? "1024";
  return `port ${port} is below ${first} and needs root`;
}

function allowLow(port: number): string {
  return `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`;
}
