import type { FastifyInstance } from "fastify";
import { Agent } from "undici";
import { ApiError } from "../api-error.ts";
import type { Answers, Call, CallOptions, Client, Contract } from "./contract.ts";
import { callRemote, checkOf, type Peer } from "./remote.ts";
import { type Provided, serveCalls } from "./serve.ts";
import { within } from "./within.ts";

/** The other hosts of the stack, for services that run in processes of their own. */
export interface Peers {
  /** By service, the address of the host that runs it: `{knowledge: "http://work:4401"}`. */
  at: Readonly<Record<string, string>>;
  /** What all hosts of the stack share, the current key first (`serviceKeys`). */
  keys: readonly Buffer[];
}

/**
 * Adds `app.provide`, `app.use` and `app.reaches`: services call each other by contract. One that is in this process is
 * called as a function, one of another host over HTTP with a token that is good for this call alone.
 */
export function useContracts(app: FastifyInstance, peers: Peers = { at: {}, keys: [] }): void {
  const provided = new Map<string, Provided>();
  const here = new Set<string>();
  let dispatcher: Agent | undefined;
  app.addHook("onClose", async () => dispatcher?.close());
  if (peers.keys.length > 0) serveCalls(app, peers.keys, (name) => provided.get(name));

  app.decorate("provide", <Calls extends Record<string, Call>>(what: Contract<Calls>, answers: Answers<Calls>) => {
    here.add(what.service);
    for (const [name, call] of Object.entries(what.calls)) {
      const answer = answers[name] as Provided["answer"] | undefined;
      if (!answer) throw new Error(`The service ${what.service} has a call ${name} and no answer to it.`);
      const whole = `${what.service}.${name}`;
      if (provided.has(whole)) throw new Error(`Two services provide the call ${whole}.`);
      provided.set(whole, { call, answer });
    }
  });
  app.decorate("peers", {
    keys: peers.keys,
    provided: () => [...provided.keys()],
    origins: [...new Set(Object.values(peers.at))],
    servicesAt: (origin: string) => Object.keys(peers.at).filter((service) => peers.at[service] === origin),
    elsewhere: (service: string) =>
      here.has(service) || peers.at[service] === undefined ? undefined : peerOf(service),
  });
  app.decorate(
    "reaches",
    ({ service }: Pick<Contract, "service">) => here.has(service) || peers.at[service] !== undefined,
  );
  app.decorate("use", <Calls extends Record<string, Call>>(what: Contract<Calls>, origin?: string) => {
    const clients = Object.entries(what.calls).map(([name, call]) => {
      const checksOutput = checkOf(call.output);
      const asks = (input: unknown, { signal }: CallOptions = {}) =>
        within(call.deadline, { what: `${what.service}.${name}`, signal }, (ending) => {
          const local = origin === undefined ? provided.get(`${what.service}.${name}`) : undefined;
          if (local) return local.answer(input, { signal: ending });
          const path = `${what.service}/${name}`;
          const until = Date.now() + call.deadline;
          const asked = { name: `${what.service}.${name}`, path, call, checksOutput, input, signal: ending, until };
          return callRemote(origin === undefined ? peerOf(what.service) : peerAt(origin), asked);
        });
      return [name, asks] as const;
    });
    return Object.fromEntries(clients) as Client<Calls>;
  });

  /** @throws ApiError UNAVAILABLE where no host is known to run it */
  function peerOf(service: string): Peer {
    const origin = peers.at[service];
    if (origin === undefined)
      throw new ApiError("UNAVAILABLE", `The service ${service} runs on no host of this stack.`);
    return peerAt(origin);
  }

  function peerAt(origin: string): Peer {
    dispatcher ??= new Agent({ connections: 64, keepAliveTimeout: 20_000, connect: { timeout: 3000 } });
    return { origin, keys: peers.keys, dispatcher };
  }
}

declare module "fastify" {
  interface FastifyInstance {
    /** Answers a service's contract, for all services of the stack. */
    provide<Calls extends Record<string, Call>>(what: Contract<Calls>, answers: Answers<Calls>): void;
    /**
     * Calls what another service provides, wherever it runs.
     *
     * @param origin the host to ask, of a contract that each host provides
     */
    use<Calls extends Record<string, Call>>(what: Contract<Calls>, origin?: string): Client<Calls>;
    peers: {
      keys: readonly Buffer[];
      /** Calls that this host answers: `knowledge.search`. */
      provided(): string[];
      /** Addresses of the other hosts. */
      origins: readonly string[];
      servicesAt(origin: string): string[];
      /** The host that runs a service, for what is more than a call: streams, other people's APIs. @default here */
      elsewhere(service: string): Peer | undefined;
    };
    /** Whether a host of this stack runs the service. Ask when it is needed: services register one after the other. */
    reaches(what: Pick<Contract, "service">): boolean;
  }
}
