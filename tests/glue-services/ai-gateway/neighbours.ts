import { person } from "../build.ts";
import { question, type Rig } from "./gateway.ts";

/** Another organisation on the same platform, which only wants its calls answered and written down. */
export interface Neighbour {
  organisation: string;
  key: string;
  /** Calls the model; answers the status. */
  call(model?: string): Promise<number>;
  /** Its rows of usage that are in the database. */
  rows(): Promise<number>;
}

export async function neighbour(rig: Rig): Promise<Neighbour> {
  const { identity, headers } = person();
  const made = await rig.app.inject({ method: "POST", url: "/api/ai/keys", headers, payload: { name: "neighbour" } });
  const { key } = made.json() as { key: string };
  const { organisation } = identity;
  return {
    organisation,
    key,
    call: async (model = "mock/m") => (await rig.post(key, "/chat/completions", { model, messages: question })).status,
    async rows() {
      const text = "select count(*)::int as count from ai_gateway.usage where organisation_id = $1";
      const { rows } = await rig.owner.query<{ count: number }>(text, [organisation]);
      return rows[0]?.count ?? 0;
    },
  };
}

/** A form with files, made by hand so that it may be wrong. */
export function formOf(parts: readonly (readonly [head: string, content: string])[], boundary = "b0undary"): string {
  const all = parts.map(
    ([head, content]) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`,
  );
  return `${all.join("")}--${boundary}--\r\n`;
}

/** Posts a form; answers status and body. */
export async function postForm(
  rig: Rig,
  key: string,
  path: string,
  form: string,
  type = "multipart/form-data; boundary=b0undary",
) {
  const answer = await fetch(`${rig.url}/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": type },
    body: form,
  });
  return { status: answer.status, body: (await answer.json()) as { error?: { code: string; message: string } } };
}
