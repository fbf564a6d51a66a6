import type { FastifyRequest } from "fastify";
import { allows, identityChannel, identityContract } from "../identity/contract.ts";
import type { App, Database } from "../kit/index.ts";
import { ApiError, type Remembered, remember } from "../kit/index.ts";
import { readServiceToken, serviceTokenPrefix } from "./contract.ts";
import { hashOf, isKey } from "./keys/token.ts";
import { type Budget, type FindKeyless, type Settings, settingsReader } from "./settings.ts";

/** Who a call is for, and what holds for it. */
export interface Caller {
  organisation: string;
  project: string | undefined;
  /** Virtual key it came with. */
  key: string | undefined;
  person: string | undefined;
  /** Glue service that calls for itself. */
  service: string | undefined;
  /** Names it may ask for; empty: all. */
  models: readonly string[];
  settings: Settings;
  /** Those of its budgets that may apply, of whatever model. */
  budgets: readonly Budget[];
}

interface KeyRow {
  id: string;
  organisation: string;
  project: string | null;
  models: string[];
  expires_at: Date | null;
  /** Person whose right it acts by. */
  maker: string | null;
  /** Its calls are the maker’s own, and count against their budgets. */
  personal: boolean;
  made: Date;
}

export interface Callers {
  /**
   * Who sent it; at once for a key that was used before.
   *
   * @throws ApiError UNAUTHENTICATED, FORBIDDEN
   */
  of(request: FastifyRequest): Caller | Promise<Caller>;
  settings: Remembered<Settings | undefined>;
  /** Something changed: ask again. */
  doubt(): void;
}

export function callersOf(app: App, database: Database, findKeyless: FindKeyless): Callers {
  const settings = settingsReader(database, findKeyless);
  const keys = remember(async (keyHash) => {
    const { rows } = await database.pool.query<KeyRow>({
      name: "ai.key",
      text: "select id, organisation, project, models, expires_at, maker, personal, made from ai_gateway.key_of($1)",
      values: [Buffer.from(keyHash, "base64")],
    });
    return rows[0] && (await mayStillCall(rows[0])) ? rows[0] : undefined;
  });
  let heard: { close(): void } | undefined;
  app.addHook("onReady", async () => {
    heard = await app.listener.on(identityChannel, keys.doubt);
  });
  app.addHook("preClose", async () => heard?.close());
  // A key and its organisation's settings put together, as long as neither changed.
  const whole = new WeakMap<KeyRow, { settings: Settings; caller: Caller }>();

  return {
    settings,
    doubt() {
      keys.doubt();
      settings.doubt();
    },
    of(request) {
      const token = tokenOf(request);
      if (token === undefined || !isKey(token)) return otherwise(request, token);
      const row = keys.get(hashOf(token));
      if (row && !(row instanceof Promise)) {
        const own = settings.get(row.organisation);
        if (own && !(own instanceof Promise)) return withKey(row, own);
      }
      return slowly(request, row);
    },
  };

  /** Whether the key's maker may still call models, or make keys that do. A host without people asks nobody. */
  async function mayStillCall({ organisation, maker, made }: KeyRow): Promise<boolean> {
    if (!app.reaches(identityContract)) return true;
    if (maker === null) return false;
    const asked = { organisation, person: maker, made: made.toISOString() };
    const held = await app.use(identityContract).standing(asked);
    return held !== null && (allows(held, "ai:run") || allows(held, "ai:manage"));
  }

  async function slowly(request: FastifyRequest, asked: KeyRow | undefined | Promise<KeyRow | undefined>) {
    const row = await asked;
    if (!row) return refuse(request);
    return withKey(row, await settingsOf(row.organisation));
  }

  function withKey(row: KeyRow, own: Settings): Caller {
    if (row.expires_at && row.expires_at.getTime() <= Date.now()) throw invalid("This key has expired.");
    const known = whole.get(row);
    if (known?.settings === own) return known.caller;
    const caller = complete(
      {
        organisation: row.organisation,
        project: row.project ?? undefined,
        key: row.id,
        person: (row.personal && row.maker) || undefined,
      },
      own,
      row.models,
    );
    whole.set(row, { settings: own, caller });
    return caller;
  }

  /** Without a virtual key: a glue service, a person who is signed in, or one of the platform's own keys. */
  async function otherwise(request: FastifyRequest, token: string | undefined): Promise<Caller> {
    if (token?.startsWith(serviceTokenPrefix)) {
      const call = readServiceToken(app, token);
      if (!call) throw invalid("This service token is not valid.");
      const who = { organisation: call.organisation, project: call.project, key: undefined, person: call.person };
      return { ...complete(who, await settingsOf(call.organisation), []), service: call.service };
    }
    if (token?.startsWith("dfv_")) return refuse(request);
    // The platform's own keys are bearer tokens, in whatever header a client sends its key.
    if (request.headers.authorization === undefined && token !== undefined) {
      request.headers.authorization = `Bearer ${token}`;
    }
    const identity = await app.authenticate(request, { scope: "ai:run" });
    const who = { organisation: identity.organisation, project: undefined, key: undefined, person: identity.person };
    return complete(who, await settingsOf(identity.organisation), []);
  }

  async function settingsOf(organisation: string): Promise<Settings> {
    const own = await settings.get(organisation);
    if (!own) throw new Error("An organisation's settings are always an answer.");
    return own;
  }

  /** Counts as a failed attempt of the address, like any other wrong credential. */
  async function refuse(request: FastifyRequest): Promise<never> {
    if (await app.tooManyFailures(request, { count: true })) {
      throw new ApiError("RATE_LIMITED", "Too many failed attempts from this address.");
    }
    throw invalid("This key does not exist, was revoked or has expired.");
  }
}

function complete(
  who: Pick<Caller, "organisation" | "project" | "key" | "person">,
  settings: Settings,
  models: readonly string[],
): Caller {
  const subjects: Record<Budget["level"], string | null | undefined> = {
    organisation: null,
    project: who.project,
    key: who.key,
    person: who.person,
  };
  const budgets = settings.budgets.filter(({ level, subject }) => subject === subjects[level]);
  return { ...who, service: undefined, models, settings, budgets };
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    return /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined;
  }
  // Of Anthropic's clients, and of Azure's.
  const other = headers["x-api-key"] ?? headers["api-key"];
  return typeof other === "string" ? other : undefined;
}

function invalid(message: string): ApiError {
  return new ApiError("UNAUTHENTICATED", message, {
    hint: "Make a key on the page Model keys, or with: `./devflow hub keys create`",
    docs: "ai-gateway",
  });
}
