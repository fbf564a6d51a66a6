import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { Gauge } from "prom-client";
import { ApiError } from "../api-error.ts";
import type { Identity } from "../authentication.ts";
import { closeCodes } from "./close-codes.ts";
import { type Connection, serve } from "./connection.ts";
import { createHub, type Hub, type Live } from "./hub.ts";
import { roomFor, type Seat } from "./room.ts";

export const livePath = "/api/live";

/** Milliseconds: how soon lost rights take effect, and how often a client is asked whether it is still there. */
export const livePace = { recheck: 3000, beat: 20_000 };

/** Adds `app.live` and the WebSocket that clients hear it by. */
export async function serveLive(app: FastifyInstance): Promise<Hub> {
  await app.register(websocket, { options: { maxPayload: 16 * 1024 } });
  const hub = createHub();
  const connections = new Map<Seat & { end(): void }, Connection>();
  app.decorate("live", hub as Live);
  new Gauge({
    name: "devflow_live_connections",
    help: "Open WebSockets.",
    registers: [app.metrics],
    collect() {
      this.set(connections.size);
    },
  });

  app.get(
    livePath,
    { websocket: true, auth: {}, config: { organisationInAddress: true }, schema: { hide: true } },
    (socket, request) => {
      const seat = { ...seatOf(request.identity), end: () => socket.close(closeCodes.tooMany, "too many connections") };
      const ended = roomFor(connections.keys(), seat);
      if (ended === "full") return seat.end();
      if (ended) {
        ended.end();
        connections.delete(ended);
      }
      const identify = (): Promise<Identity | undefined> => app.authenticate(request, {}).catch(nobodyAnyMore);
      const connection = serve(socket, hub, identify);
      connections.set(seat, connection);
      socket.on("close", () => connections.delete(seat));
    },
  );

  const recheck = setInterval(() => {
    for (const one of connections.values())
      one.recheck().catch((error) => app.log.warn({ err: error }, "recheck failed"));
  }, livePace.recheck);
  const beat = setInterval(() => {
    for (const one of connections.values()) one.beat();
    hub.sweep(performance.now());
  }, livePace.beat);
  app.addHook("preClose", async () => {
    clearInterval(recheck);
    clearInterval(beat);
  });
  return hub;
}

function seatOf({ person, maker, credential, organisation }: Identity): Seat {
  return { organisation, holder: person ?? maker ?? credential };
}

/** @throws what says nothing of who it is, as when the database is away */
function nobodyAnyMore(error: unknown): undefined {
  if (error instanceof ApiError && error.status < 500) return undefined;
  throw error;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Tells browsers what has changed. */
    live: Live;
  }
}
