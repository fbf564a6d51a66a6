import type { App, Verifier } from "../../kit/index.ts";
import { readUserCode, shownUserCode, waitingDevice } from "../devices/device.ts";
import { codePage, devicePage } from "../pages/device.ts";
import { pageHeaders } from "./pages.ts";

/** The page on which a person lets a machine act for them that shows them a code. */
export function devicePageRoute(app: App, { read }: { read: Verifier }): void {
  const settings = { auth: "public", config: { quiet: true }, schema: { hide: true } } as const;
  app.get<{ Querystring: { code?: string | string[] } }>("/device", settings, async (request, reply) => {
    reply.headers(pageHeaders).type("text/html; charset=utf-8");
    const given = [request.query.code ?? ""].flat()[0] ?? "";
    const code = readUserCode(given);
    const identity = await read(request);
    if (identity?.via !== "session" || identity.person === undefined) {
      return reply.redirect(`/sign-in?device=${code === undefined ? "" : shownUserCode(code)}`);
    }
    const waiting = code && (await waitingDevice(app.database.pool, code));
    if (!code || !waiting) return reply.send(codePage(given === "" ? undefined : given));
    const { rows } = await app.database.pool.query<Person>(
      `select u.name, u.email, coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name)
         from member m join organization o on o.id = m."organizationId" where m."userId" = u.id), '[]') as organisations
       from "user" u where u.id = $1`,
      [identity.person],
    );
    const { name = "", email = "", organisations = [] } = rows[0] ?? {};
    return reply.send(
      devicePage({
        code: shownUserCode(code),
        waiting,
        here: waiting.address === request.ip,
        ...{ person: { name, email }, organisation: identity.organisation, organisations },
      }),
    );
  });
}

interface Person {
  name: string;
  email: string;
  organisations: { id: string; name: string }[];
}
