import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { DevflowError } from "../components/error.ts";
import type { SecretStore } from "../components/provider/host.ts";

/** What is needed of a stack to work on its people. */
export interface PeopleOf {
  /** Port of the stack's PostgreSQL on loopback. */
  port: number;
  secrets: Pick<SecretStore, "get">;
  /** Address under which people reach the platform. */
  publicUrl: string;
}

/** Somebody as the list shows them. */
export interface ListedPerson {
  name: string;
  email: string;
  username: string;
  /** `organisation: role, role` for each. */
  memberships: string[];
  disabled: boolean;
  secondFactor: boolean;
  lastSignIn: string | null;
}

/**
 * A link for the first administrator, valid for 30 minutes and once; undefined when there is one already. It is written
 * straight into the stack's database, with the password that only the stack's owner can read: no address of the platform
 * can be asked for such a link.
 *
 * @throws DevflowError NOT_RUNNING when the database does not answer
 */
export async function welcomeLink(stack: PeopleOf): Promise<string | undefined> {
  return connected(stack, async (client) => {
    if (!(await prepared(client))) return undefined;
    const { rowCount } = await client.query("select from identity.organization limit 1");
    return rowCount ? undefined : issueLink(client, stack.publicUrl, "welcome");
  });
}

/** @throws DevflowError NOT_FOUND, NOT_RUNNING */
export async function resetLink(stack: PeopleOf, email: string): Promise<string> {
  return connected(stack, async (client) => {
    const { rows } = (await prepared(client))
      ? await client.query<{ id: string; disabled: boolean }>(
          `select id, disabled from identity."user" where email = lower($1)`,
          [email],
        )
      : { rows: [] };
    const [person] = rows;
    if (!person) throw nobody(email);
    if (person.disabled) {
      throw new DevflowError("USAGE", `${email} is disabled.`, {
        hint: "An administrator can enable the person on the platform first.",
        docs: "people-and-roles",
      });
    }
    await audit(client, "password.reset-link", person.id);
    return issueLink(client, stack.publicUrl, "reset", { person: person.id });
  });
}

/** Name of the keys that the command line makes for itself. */
const ownKeyName = "Command line on the stack's machine";

/**
 * A key of the organisation for a few minutes, for commands of whoever owns the stack; undefined while nobody has signed
 * up. It is written like the links above, and told to the organisation's audit log.
 *
 * @throws DevflowError NOT_RUNNING, and USAGE where there are several organisations to choose from
 */
export async function ownersKey(stack: PeopleOf): Promise<string | undefined> {
  return connected(stack, async (client) => {
    if (!(await prepared(client))) return undefined;
    const { rows } = await client.query<{ id: string }>("select id from identity.organization limit 2");
    if (rows.length > 1) {
      throw new DevflowError("USAGE", "This stack has several organisations, so the command needs a key of one.", {
        hint: "Make one in its dashboard, and give its file as --key-file or itself in DEVFLOW_API_KEY.",
        docs: "people-and-roles",
      });
    }
    const [organisation] = rows;
    if (!organisation) return undefined;
    const key = `dfk_${randomBytes(32).toString("base64url")}`;
    await client.query("delete from identity.api_key where name = $1 and expires_at < now()", [ownKeyName]);
    const made = await client.query<{ id: string }>(
      // A key acts by the right of a person: the owner who has been there longest. The log says who made it.
      `insert into identity.api_key (organisation_id, name, start, hash, scopes, expires_at, created_by)
       select $1, $2, $3, $4, '{*}', now() + interval '10 minutes', m."userId"
       from identity.member m join identity."user" u on u.id = m."userId" and not u.disabled
       where m."organizationId" = $1 and 'owner' = any (string_to_array(m.role, ','))
       order by m."createdAt" limit 1 returning id`,
      [organisation.id, ownKeyName, key.slice(0, 10), createHash("sha256").update(key).digest()],
    );
    if (made.rows.length === 0) return undefined;
    await client.query(
      `insert into identity.audit (organisation_id, action, target, details)
       values ($1, 'key.made', $2, '{"by": "installer", "minutes": 10}')`,
      [organisation.id, made.rows[0]?.id],
    );
    return key;
  });
}

export async function listPeople(stack: PeopleOf): Promise<ListedPerson[]> {
  return connected(stack, async (client) => {
    if (!(await prepared(client))) return [];
    const { rows } = await client.query<Omit<ListedPerson, "lastSignIn"> & { lastSignIn: Date | null }>(
      `select u.name, u.email, u.username, u.disabled, coalesce(u."twoFactorEnabled", false) as "secondFactor",
         array(select o.name || ': ' || replace(m.role, ',', ', ') from identity.member m
           join identity.organization o on o.id = m."organizationId" where m."userId" = u.id order by o.name) as memberships,
         (select max(s."createdAt") from identity.session s where s."userId" = u.id) as "lastSignIn"
       from identity."user" u order by u.name, u.email`,
    );
    return rows.map((row) => ({ ...row, lastSignIn: row.lastSignIn?.toISOString() ?? null }));
  });
}

/** The page and, in its fragment, a token of which the database gets the hash only. */
async function issueLink(
  client: pg.Client,
  publicUrl: string,
  purpose: "welcome" | "reset",
  { person = null }: { person?: string | null } = {},
): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(token).digest();
  await client.query("select identity.issue_link($1, $2, $3)", [purpose, hash, person]);
  return `${publicUrl.replace(/\/$/, "")}/${purpose}#${token}`;
}

/** What the installer does is in the log of the person's organisation too. */
async function audit(client: pg.Client, action: string, person: string): Promise<void> {
  await client.query(
    `insert into identity.audit (organisation_id, action, target, details)
     select m."organizationId", $1, $2, '{"by": "installer"}' from identity.member m where m."userId" = $3`,
    [action, person, person],
  );
}

/** False before the platform has started for the first time. */
async function prepared(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('identity.one_time_link') is not null as there",
  );
  return rows[0]?.there ?? false;
}

async function connected<Result>(stack: PeopleOf, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const password = await stack.secrets.get("postgres/platform");
  const client = new pg.Client({
    ...{ host: "127.0.0.1", port: stack.port, user: "platform", database: "platform", password: password ?? "" },
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
  });
  try {
    await client.connect();
  } catch (error) {
    throw new DevflowError("NOT_RUNNING", "The stack's database does not answer.", {
      hint: "`./devflow up` starts it; `./devflow status` shows how it is.",
      cause: error,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function nobody(email: string): DevflowError {
  return new DevflowError("NOT_FOUND", `There is nobody with the address ${email}.`, {
    hint: "`./devflow users list` shows everybody.",
    docs: "people-and-roles",
  });
}
