import type { App, Verifier } from "../../kit/index.ts";
import { readUserCode, shownUserCode, waitingDevice } from "../devices/device.ts";
import { codePage, devicePage } from "../pages/device.ts";
import { personAsked } from "../person.ts";
import { maybeSignedIn } from "../signed-in.ts";
import { pageHeaders } from "./pages.ts";

/** The page on which a person lets a machine act for them that shows them a code. */
export function devicePageRoute(app: App, { read }: { read: Verifier }): void {
  const settings = { auth: "public", config: { quiet: true }, schema: { hide: true } } as const;
  app.get<{ Querystring: { code?: string | string[] } }>("/device", settings, async (request, reply) => {
    reply.headers(pageHeaders).type("text/html; charset=utf-8");
    const given = [request.query.code ?? ""].flat()[0] ?? "";
    const code = readUserCode(given);
    const identity = await read(request);
    const asked = maybeSignedIn(identity);
    if (!identity || !asked) {
      return reply.redirect(`/sign-in?device=${code === undefined ? "" : shownUserCode(code)}`);
    }
    const waiting = code && (await waitingDevice(app.database.pool, code));
    if (!code || !waiting) return reply.send(codePage(given === "" ? undefined : given));
    const { organisations, ...person } = await personAsked(app.database.pool, asked.person);
    return reply.send(
      devicePage({
        code: shownUserCode(code),
        waiting,
        here: waiting.address === request.ip,
        ...{ person, organisation: identity.organisation, organisations },
      }),
    );
  });
}
