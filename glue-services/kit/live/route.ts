import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { Gauge } from "prom-client";
import type { Identity } from "../authentication.ts";
import { type Connection, serve } from "./connection.ts";
import { createHub, type Hub, type Live } from "./hub.ts";

export const livePath = "/api/live";

/** Milliseconds: how soon lost rights take effect, and how often a client is asked whether it is still there. */
export const livePace = { recheck: 3000, beat: 20_000 };

/** Adds `app.live` and the WebSocket that clients hear it by. */
export async function serveLive(app: FastifyInstance): Promise<Hub> {
  await app.register(websocket, { options: { maxPayload: 16 * 1024 } });
  const hub = createHub();
  const connections = new Set<Connection>();
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
      const identify = (): Promise<Identity | undefined> => app.authenticate(request, {}).catch(() => undefined);
      const connection = serve(socket, hub, identify);
      connections.add(connection);
      socket.on("close", () => connections.delete(connection));
    },
  );

  const recheck = setInterval(() => {
    for (const one of connections) one.recheck().catch((error) => app.log.warn({ err: error }, "recheck failed"));
  }, livePace.recheck);
  const beat = setInterval(() => {
    for (const one of connections) one.beat();
    hub.sweep(performance.now());
  }, livePace.beat);
  app.addHook("preClose", async () => {
    clearInterval(recheck);
    clearInterval(beat);
  });
  return hub;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Tells browsers what has changed. */
    live: Live;
  }
}
