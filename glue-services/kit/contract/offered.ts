import type { App } from "../app.ts";
import { feedsOf, type OfferedFeed } from "../feed/feed.ts";
import { findsOf, type OfferedFind } from "../find/find.ts";
import { type OfferedTool, toolsOf } from "../tool.ts";
import type { Answers, Client } from "./contract.ts";
import { giveIdentity, takeIdentity } from "./identity.ts";
import { type OfferedByHost, offersContract } from "./offers.ts";

/** Milliseconds for which another host's list is good; it changes only when the host is replaced. */
const fresh = 10_000;
/** Milliseconds until a host that did not answer is asked again. */
const soon = 2000;

/** What all services of the stack offer, wherever they run. */
export interface Offered {
  /** Calls by contract: `knowledge.search`. */
  calls: readonly string[];
  tools: readonly OfferedTool[];
  feeds: readonly OfferedFeed[];
  finds: readonly OfferedFind[];
  /** Services whose host does not say right now what they offer. */
  silent: readonly string[];
}

type Lists = Awaited<ReturnType<Answers<typeof offersContract.calls>["offers"]>>;

interface Known {
  at: number;
  /** What it said last, as text: as long as that is the same, so are the tools made of it. */
  said: string;
  offered: Promise<Offered>;
}

const known = new WeakMap<object, Map<string, Known>>();

export async function offered(app: App): Promise<Offered> {
  const others = await Promise.all(app.peers.origins.map((origin) => ofHost(app, origin)));
  return {
    calls: [...app.peers.provided(), ...others.flatMap(({ calls }) => calls)],
    tools: [...toolsOf(app), ...others.flatMap(({ tools }) => tools)],
    feeds: [...feedsOf(app), ...others.flatMap(({ feeds }) => feeds)],
    finds: [...findsOf(app), ...others.flatMap(({ finds }) => finds)],
    silent: others.flatMap(({ silent }) => silent),
  };
}

/** Asked once for all who want to know; that it does not answer is known for a while too. */
function ofHost(app: App, origin: string): Promise<Offered> {
  const hosts = known.get(app.server) ?? new Map<string, Known>();
  known.set(app.server, hosts);
  const before = hosts.get(origin);
  if (before && performance.now() - before.at < fresh) return before.offered;
  const now: Known = { at: performance.now(), said: "", offered: ask() };
  hosts.set(origin, now);
  return now.offered;

  async function ask(): Promise<Offered> {
    try {
      const lists = await app.use(offersContract, origin).offers({});
      now.said = JSON.stringify(lists);
      return now.said === before?.said ? await before.offered : elsewhere(app, origin, lists);
    } catch (error) {
      app.log.warn({ err: error, origin }, "a host does not say what its services offer");
      now.at -= fresh - soon;
      return { calls: [], tools: [], feeds: [], finds: [], silent: app.peers.servicesAt(origin) };
    }
  }
}

/** What another host offers, as if it were here: each is asked there when it is asked. */
function elsewhere(app: App, origin: string, { calls, tools, feeds, finds }: Lists): Offered {
  const there = app.use(offersContract, origin);
  return {
    calls,
    tools: tools.map((tool) => toolElsewhere(app, there, tool)),
    feeds: feeds.map((service) => ({
      service,
      app,
      feed: {
        needs: (_app, identity, { tz }) => there.needs({ service, identity: giveIdentity(identity), tz }),
        changes: (_app, identity) => there.changes({ service, identity: giveIdentity(identity) }),
        steps: (_app, identity) => there.steps({ service, identity: giveIdentity(identity) }),
      },
    })),
    finds: finds.map((service) => ({
      service,
      app,
      find: (_app, identity, words) => there.find({ service, identity: giveIdentity(identity), words }),
    })),
    silent: [],
  };
}

/** Its progress is not told from host to host. */
function toolElsewhere(app: App, there: Client<typeof offersContract.calls>, described: OfferedByHost): OfferedTool {
  const { service, ...tool } = described;
  const call: OfferedTool["tool"]["call"] = (input, { identity, signal }) =>
    there.callTool({ service, name: tool.name, input, identity: giveIdentity(identity) }, { signal });
  return { service, app, tool: { ...tool, call } };
}

/** What this host answers to others about its own services. */
export function offersOf(app: App): Answers<typeof offersContract.calls> {
  const feedOf = (service: string) =>
    found(
      service,
      feedsOf(app).find((one) => one.service === service),
    );
  return {
    offers: async () => ({
      calls: app.peers.provided(),
      tools: toolsOf(app).map(({ service, tool }) => {
        const { name, title, description, input, scope, readOnly = false, destructive = false } = tool;
        return { service, name, title, description, input, scope, readOnly, destructive };
      }),
      feeds: feedsOf(app).map(({ service }) => service),
      finds: findsOf(app).map(({ service }) => service),
    }),
    async callTool({ name, input, identity }, { signal }) {
      const { tool, app: own } = found(
        name,
        toolsOf(app).find((one) => one.tool.name === name),
      );
      const context = { app: own, identity: takeIdentity(identity), signal, progress: () => {} };
      return tool.call(input as never, context);
    },
    async needs({ service, identity, tz }) {
      const { feed, app: own } = feedOf(service);
      return (await feed.needs?.(own, takeIdentity(identity), { tz })) ?? [];
    },
    async changes({ service, identity }) {
      const { feed, app: own } = feedOf(service);
      return (await feed.changes?.(own, takeIdentity(identity))) ?? [];
    },
    async steps({ service, identity }) {
      const { feed, app: own } = feedOf(service);
      return (await feed.steps?.(own, takeIdentity(identity))) ?? {};
    },
    async find({ service, identity, words }) {
      const { find, app: own } = found(
        service,
        findsOf(app).find((one) => one.service === service),
      );
      return find(own, takeIdentity(identity), words);
    },
  };
}

function found<Thing>(name: string, thing: Thing | undefined): Thing {
  if (!thing) throw new Error(`This host offers no ${name}.`);
  return thing;
}
