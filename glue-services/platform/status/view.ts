import type { FastifyRequest } from "fastify";
import type { App } from "../../kit/index.ts";
import type { Status } from "../schemas.ts";

/** The status as whoever asks may see it. */
export type StatusLook = (request: FastifyRequest) => Promise<Status>;

/**
 * Whether a request may see how the platform is made: everybody where it listens on this machine alone, else who is
 * signed in. While nobody can be known, since the database is away, everybody is a stranger.
 */
export function insiders(app: App, publicUrl: string): (request: FastifyRequest) => Promise<boolean> {
  if (isThisMachine(new URL(publicUrl).hostname)) return async () => true;
  return (request) =>
    app.authenticate(request, {}).then(
      () => true,
      () => false,
    );
}

/** What strangers see: which components there are and whether each works; nothing to attack it by. */
export function forStrangers(status: Status): Status {
  return {
    ...status,
    supervisor: { ...status.supervisor, reason: null },
    components: status.components.map(({ name, state, address, since }) => ({
      ...{ name, state, address, since },
      ...{ version: "", reason: null, memory: null, cpu: null, progress: null, processes: [] },
    })),
    run: null,
    totals: { memory: 0, cpu: 0, processes: 0 },
  };
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^(127(\.\d+){3}|\[::1\])$/.test(host);
}
