import type { App, Database, Tenant, Transaction } from "../kit/index.ts";
import { ApiError } from "../kit/index.ts";
import { record } from "./audit.ts";
import { isReference, type Resolver, Unresolvable } from "./backends/index.ts";
import type { MasterKeys } from "./master-key.ts";
import type { OwnName, PlatformTier } from "./platform-tier.ts";
import type { Resolved, Tier, Wanted } from "./schemas.ts";
import { find, put, read, remove, touch } from "./store.ts";

/** Who reads: the tenant, and the credential or service for the audit log. */
export interface Reader extends Tenant {
  credential?: string;
}

/** How services of the same host read a secret: never kept by them longer than it is needed. */
export interface Secrets {
  /**
   * The value of a name: the project's, else the organisation's, else, only with `platform`, the platform's. Ask for the
   * platform's only where the platform's own configuration decides what the value is used for and where it is sent.
   *
   * @throws ApiError NOT_FOUND, or UNAVAILABLE naming a reference that cannot be read and what to do
   */
  resolve(reader: Reader, wanted: Wanted, tiers?: { platform: boolean }): Promise<Resolved>;
  /**
   * In which tier a name is set, without reading its value: undefined when it is nowhere. Not an entry of the audit log,
   * since nothing is read.
   */
  tierOf(tenant: Tenant, wanted: Pick<Wanted, "name" | "project">): Promise<Tier | undefined>;
  /**
   * The value of a reference that the platform's own configuration has; never of one that an organisation gave.
   *
   * @throws ApiError UNAVAILABLE naming the reference and what to do
   */
  read(reader: Reader, reference: string, purpose: string): Promise<string>;
  /**
   * Keeps a value for a service that was given it in a request, as a secret of the organisation of its own: never in place
   * of one that is there already, unless `mine` names it.
   *
   * @param wanted its name, if that is free; else one with a number at its end
   * @returns the name it has
   */
  keep(reader: Reader, wanted: { name: string; value: string; mine?: readonly string[] }): Promise<string>;
  /** Deletes what was kept by `keep`; what is gone already is no error. */
  forget(reader: Reader, name: string): Promise<void>;
  /**
   * One of the platform's own settings, such as its mail server's; no organisation's takes its place. Undefined: nobody
   * set it.
   *
   * @throws ApiError UNAVAILABLE naming a reference that cannot be read and what to do
   */
  own(reader: Reader, name: OwnName, purpose: string): Promise<string | undefined>;
}

export interface SecretsParts {
  database: Database;
  keys: MasterKeys;
  platform: PlatformTier;
  resolver: Resolver;
}

const known = new WeakMap<object, Secrets>();

/** The secrets of the host that this app is part of, when it has a secrets service and that is ready. */
export function findSecrets(app: App): Secrets | undefined {
  return known.get(app.server);
}

/** @throws Error when the host has no secrets service */
export function secretsOf(app: App): Secrets {
  const secrets = findSecrets(app);
  if (!secrets) throw new Error("This host has no secrets service, or it is not ready yet.");
  return secrets;
}

export function provideSecrets(app: App, secrets: Secrets): void {
  known.set(app.server, secrets);
}

type Found =
  | { tier: Tier; value: string; former?: string | undefined; version?: number }
  | { tier: Tier; reference: string; version?: number };

export function secretsReader({ database, keys, platform, resolver }: SecretsParts): Secrets {
  return {
    async resolve(reader, wanted, tiers = { platform: false }) {
      const { name, project, purpose } = wanted;
      const found = (await lookUp(reader, wanted)) ?? (tiers.platform ? await ofThePlatformTier(name) : undefined);
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
    async tierOf(tenant, { name, project }) {
      const row = await database.readTenant(tenant, async (tx) => {
        const own = project === undefined ? undefined : await find(tx, name, { project });
        return own ?? (await find(tx, name, {}));
      });
      if (row) return row.project_id === null ? "organisation" : "project";
      return (await platform.get(name)) === undefined ? undefined : "platform";
    },
    keep: (reader, { name, value, mine = [] }) =>
      database.withTenant(reader, async (tx) => {
        let free = name;
        for (let n = 2; !mine.includes(free) && (await find(tx, free, {})); n++) free = `${name}_${n}`;
        const { row } = await put(tx, keys, { name: free, value });
        const { credential } = reader;
        await record(tx, { action: "set", tier: "organisation", name: free, version: row.version, credential });
        return free;
      }),
    forget: (reader, name) =>
      database.withTenant(reader, async (tx) => {
        if (!(await find(tx, name, {}))) return;
        const { version } = await remove(tx, name, {});
        await record(tx, { action: "deleted", tier: "organisation", name, version, credential: reader.credential });
      }),
    read: (reader, reference, purpose) =>
      ofThePlatform(reader, { name: reference, purpose }, () => resolver.resolve(reference)),
    async own(reader, name, purpose) {
      const value = await platform.own(name);
      if (value === undefined) return undefined;
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
