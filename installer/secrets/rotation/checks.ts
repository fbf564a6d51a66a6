import { AwsClient } from "aws4fetch";
import pg from "pg";
import type { SecretStore } from "../../../components/provider/host.ts";
import { secondLogin } from "../../../components/provider/postgres-database.ts";
import { masterKeys } from "../../../glue-services/secrets/master-key.ts";

/** Where to ask, and with which secrets. */
export interface CheckContext {
  store: Pick<SecretStore, "get">;
  ports: { postgres: number; code: number; storage: number };
  /** The secret that was rotated. */
  name: string;
  /** Its new value. */
  value: string;
  /** Its former value when it must not be valid any more. */
  refused: string | undefined;
}

/** Shows that the new value serves; throws an Error that says what does not. */
export type Check = (context: CheckContext) => Promise<void>;

const soon = () => AbortSignal.timeout(15_000);

export const checks = {
  async superuser({ ports, value, refused }) {
    if (!(await logsIn(ports.postgres, "postgres", "postgres", value)))
      throw new Error("the server refuses the new one");
    await demandRefused(refused, (former) => logsIn(ports.postgres, "postgres", "postgres", former));
  },

  async database({ ports, name, value, refused }) {
    const database = name.slice(name.indexOf("/") + 1);
    const enters = async (password: string) =>
      (await logsIn(ports.postgres, database, database, password)) ||
      (await logsIn(ports.postgres, secondLogin(database), database, password));
    if (!(await enters(value))) throw new Error("the server refuses the new one");
    await demandRefused(refused, enters);
  },

  async storage({ ports, store }) {
    const client = new AwsClient({
      accessKeyId: (await store.get("storage/access-key")) ?? "",
      secretAccessKey: (await store.get("storage/secret-key")) ?? "",
      service: "s3",
      region: "us-east-1",
    });
    const answer = await client.fetch(`http://127.0.0.1:${ports.storage}/`, { signal: soon() });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`storage answers HTTP ${answer.status} to the new keys`);
  },

  async masterKey({ ports, store, value }) {
    const client = connection(ports.postgres, "postgres", "platform", (await store.get("postgres/superuser")) ?? "");
    await client.connect();
    try {
      const { rows } = await client.query<{ stale: number }>(
        "select count(*)::int as stale from secrets.data_key where wrapped_by <> $1",
        [masterKeys([value]).current.id],
      );
      if (rows[0]?.stale) throw new Error(`${rows[0].stale} data keys are still wrapped by the former one`);
    } finally {
      await client.end();
    }
  },

  async identity({ ports, store, value }) {
    const { unopened } = await import("../../../glue-services/identity/rekey.ts");
    const client = connection(ports.postgres, "postgres", "platform", (await store.get("postgres/superuser")) ?? "");
    await client.connect();
    try {
      const left = await unopened((text) => client.query<{ value: string }>(text), value);
      if (left) throw new Error(`${left} second factors or signing keys do not open with the new one`);
    } finally {
      await client.end();
    }
  },

  async gitea({ ports }) {
    await demandOk(`http://127.0.0.1:${ports.code}/api/healthz`, {});
  },

  async giteaMetrics({ ports, value, refused }) {
    const url = `http://127.0.0.1:${ports.code}/metrics`;
    await demandOk(url, { authorization: `Bearer ${value}` });
    await demandRefused(refused, async (former) => (await ask(url, { authorization: `Bearer ${former}` })) < 300);
  },

  async giteaAccount({ ports, value, refused }) {
    const url = `http://127.0.0.1:${ports.code}/api/v1/user`;
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`devflow:${password}`).toString("base64")}`,
    });
    await demandOk(url, basic(value));
    await demandRefused(refused, async (former) => (await ask(url, basic(former))) < 300);
  },
} satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;

export function connection(port: number, user: string, database: string, password: string): pg.Client {
  return new pg.Client({ host: "127.0.0.1", port, user, database, password, connectionTimeoutMillis: 10_000 });
}

/** False when the password is refused. @throws Error for anything else */
export async function logsIn(port: number, user: string, database: string, password: string): Promise<boolean> {
  const client = connection(port, user, database, password);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (error) {
    if (["28P01", "28000"].includes((error as { code?: string }).code ?? "")) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

async function demandRefused(former: string | undefined, works: (former: string) => Promise<boolean>): Promise<void> {
  if (former !== undefined && (await works(former))) throw new Error("the former one is still accepted");
}

async function demandOk(url: string, headers: Record<string, string>): Promise<void> {
  const status = await ask(url, headers);
  if (status >= 300) throw new Error(`${new URL(url).pathname} answers HTTP ${status}`);
}

async function ask(url: string, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(url, { headers, signal: soon(), redirect: "manual" });
  await answer.body?.cancel();
  return answer.status;
}
