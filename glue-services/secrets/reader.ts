import type { Answers, Database, Tenant, Transaction } from "../kit/index.ts";
import { ApiError } from "../kit/index.ts";
import { record } from "./audit.ts";
import { isReference, type Resolver, Unresolvable } from "./backends/index.ts";
import type { secretsContract } from "./contract.ts";
import type { MasterKeys } from "./master-key.ts";
import type { PlatformTier } from "./platform-tier.ts";
import type { Tier, Wanted } from "./schemas.ts";
import { find, put, read, remove, touch } from "./store.ts";

export interface SecretsParts {
  database: Database;
  keys: MasterKeys;
  platform: PlatformTier;
  resolver: Resolver;
}

/** Who reads: the tenant, and the credential or service for the audit log. */
interface Reader extends Tenant {
  credential?: string | undefined;
}

type Found =
  | { tier: Tier; value: string; former?: string | undefined; version?: number }
  | { tier: Tier; reference: string; version?: number };

/** What the service answers to others, as its contract says. */
export function secretsReader({
  database,
  keys,
  platform,
  resolver,
}: SecretsParts): Answers<typeof secretsContract.calls> {
  return {
    async resolve({ reader, wanted, platform: ofThePlatformToo = false }) {
      const { name, project, purpose } = wanted;
      const found = (await lookUp(reader, wanted)) ?? (ofThePlatformToo ? await ofThePlatformTier(name) : undefined);
      const note = (action: "read" | "refused") =>
        database.withTenant(reader, (tx) =>
          record(tx, { action, name, purpose, project, credential: reader.credential, ...whereOf(found) }),
        );
      if (!found) {
        await note("refused");
        throw new ApiError("NOT_FOUND", `There is no secret ${name} for this organisation or project.`, {
          hint: `\`./devflow secrets set ${name} --tier organisation\` makes it.`,
          docs: "secrets",
        });
      }
      if ("value" in found) {
        const { tier, value, former } = found;
        // The audit entry comes before the value leaves: no value is read without one.
        await note("read");
        return { name, tier, value, ...(former !== undefined && { former }) };
      }
      const value = await resolver.resolve(found.reference).catch(async (error: unknown) => {
        await note("refused");
        throw answer(error, name);
      });
      await note("read");
      return { name, tier: found.tier, value };
    },
    async tierOf({ tenant, wanted: { name, project } }) {
      const row = await database.readTenant(tenant, async (tx) => {
        const own = project === undefined ? undefined : await find(tx, name, { project });
        return own ?? (await find(tx, name, {}));
      });
      if (row) return row.project_id === null ? "organisation" : "project";
      return (await platform.get(name)) === undefined ? null : "platform";
    },
    keep: ({ reader, wanted: { name, value, mine = [] } }) =>
      database.withTenant(reader, async (tx) => {
        let free = name;
        for (let n = 2; !mine.includes(free) && (await find(tx, free, {})); n++) free = `${name}_${n}`;
        const { row } = await put(tx, keys, { name: free, value });
        const { credential } = reader;
        await record(tx, { action: "set", tier: "organisation", name: free, version: row.version, credential });
        return free;
      }),
    forget: ({ reader, name }) =>
      database.withTenant(reader, async (tx) => {
        if (!(await find(tx, name, {}))) return null;
        const { version } = await remove(tx, name, {});
        await record(tx, { action: "deleted", tier: "organisation", name, version, credential: reader.credential });
        return null;
      }),
    read: ({ reader, reference, purpose }) =>
      ofThePlatform(reader, { name: reference, purpose }, () => resolver.resolve(reference)),
    async own({ reader, name, purpose }) {
      const value = await platform.own(name);
      if (value === undefined) return null;
      const read = async () => (isReference(value) ? resolver.resolve(value) : value);
      return ofThePlatform(reader, { name, purpose }, read);
    },
  };

  async function ofThePlatform(
    reader: Reader,
    about: { name: string; purpose: string },
    read: () => Promise<string>,
  ): Promise<string> {
    const entry = { ...about, project: undefined, credential: reader.credential, tier: "platform" } as const;
    const note = (action: "read" | "refused") => database.withTenant(reader, (tx) => record(tx, { action, ...entry }));
    const value = await read().catch(async (error: unknown) => {
      await note("refused");
      throw answer(error, about.name);
    });
    await note("read");
    return value;
  }

  async function lookUp(reader: Reader, { name, project }: Wanted): Promise<Found | undefined> {
    return database.withTenant(reader, async (tx) => {
      const own = project === undefined ? undefined : await look(tx, "project", name, project);
      return own ?? (await look(tx, "organisation", name, undefined));
    });
  }

  async function ofThePlatformTier(name: string): Promise<Found | undefined> {
    const value = await platform.get(name);
    if (value === undefined) return undefined;
    return isReference(value) ? { tier: "platform", reference: value } : { tier: "platform", value };
  }

  async function look(
    tx: Transaction,
    tier: Tier,
    name: string,
    project: string | undefined,
  ): Promise<Found | undefined> {
    const row = await find(tx, name, { ...(project && { project }) });
    if (!row) return undefined;
    await touch(tx, row);
    const { reference, version } = row;
    if (reference !== null) return { tier, reference, version };
    return { tier, version, ...(await read(tx, keys, row)) };
  }
}

function whereOf(found: Found | undefined): { tier: Tier; version?: number | undefined } {
  return { tier: found?.tier ?? "organisation", version: found?.version };
}

function answer(error: unknown, name: string): unknown {
  if (!(error instanceof Unresolvable)) return error;
  return new ApiError("UNAVAILABLE", `${name}: ${error.message}`, { hint: error.hint, docs: "secrets", cause: error });
}
