import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Static } from "typebox";
import type * as identity from "../../../../identity/schemas.ts";
import type * as audit from "../../../../kit/audit/read.ts";
import type { RunDetail, RunSummary } from "../../../../platform/runs/schemas.ts";
import type { Status } from "../../../../platform/schemas.ts";
import { call } from "./call.ts";

export type { RunComponent, RunDetail, RunStep, RunSummary } from "../../../../platform/runs/schemas.ts";
export type { ComponentStatus, ProcessState, State, Status } from "../../../../platform/schemas.ts";
export type Person = Static<typeof identity.Person>;
export type Invitation = Static<typeof identity.Invitation>;
export type Role = Static<typeof identity.Role>;
export type Key = Static<typeof identity.Key>;
export type Scope = Static<typeof identity.Scope>;
export type Agent = Static<typeof identity.Agent>;
export type Login = Static<typeof identity.Login>;
export type Session = Static<typeof identity.Session>;
export type Organisation = Static<typeof identity.Organisation>;
export type SignOnProvider = Static<typeof identity.SignOnProvider>;
export type AuditEntry = Static<typeof audit.AuditShown>;
export type AuditChoices = Static<typeof audit.AuditChoices>;

export interface Setting {
  path: string;
  value: unknown;
  from: string;
  where: string;
}
export interface Edge {
  from: string;
  to: string;
}
export interface DeadLetter {
  id: string;
  subscriber: string;
  topic: string;
  key: string;
  organisation: string | null;
  payload: unknown;
  attempts: number;
  error: string;
  emittedAt: string;
  diedAt: string;
}
/** One of the list; its content is read with it alone. */
export interface PlatformEvent {
  id: string;
  topic: string;
  key: string;
  organisation: string | null;
  emittedAt: string;
  open: {
    subscriber: string;
    state: "waiting" | "failing" | "failed";
    attempts: number;
    retryAt: string | null;
    error: string | null;
  }[];
}
export interface DocEntry {
  path: string;
  title: string;
  section: string;
}

/** One query for each thing the platform answers, so that every page shares what was read. */
export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => call<Status>("/api/platform/status", { signal }),
});

export const runsQuery = queryOptions({
  queryKey: ["runs"],
  queryFn: ({ signal }) => call<RunSummary[]>("/api/platform/runs?limit=200", { signal }),
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: ({ signal }) => call<RunDetail>(`/api/platform/runs/${encodeURIComponent(id)}`, { signal }),
  });

export const dependenciesQuery = queryOptions({
  queryKey: ["dependencies"],
  queryFn: ({ signal }) => call<Edge[]>("/api/platform/dependencies", { signal }),
  staleTime: 30_000,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => call<{ run: string | null; settings: Setting[] }>("/api/platform/settings", { signal }),
  staleTime: 30_000,
});

export const deadLettersQuery = queryOptions({
  queryKey: ["dead-letters"],
  queryFn: ({ signal }) => call<DeadLetter[]>("/api/platform/dead-letters?limit=200", { signal }),
});

export const topicsQuery = queryOptions({
  queryKey: ["events", "topics"],
  queryFn: ({ signal }) => call<string[]>("/api/platform/events/topics", { signal }),
  staleTime: 30_000,
});
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["events", id],
    queryFn: ({ signal }) =>
      call<PlatformEvent & { payload: unknown }>(`/api/platform/events/${encodeURIComponent(id)}`, { signal }),
  });

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => call<Person[]>("/api/identity/people", { signal }),
});
export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: ({ signal }) => call<Invitation[]>("/api/identity/invitations", { signal }),
});
export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: ({ signal }) => call<Agent[]>("/api/identity/me/agents", { signal }),
});
export const loginsQuery = queryOptions({
  queryKey: ["logins"],
  queryFn: ({ signal }) => call<Login[]>("/api/identity/me/keys", { signal }),
});
export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => call<Role[]>("/api/identity/roles", { signal }),
  staleTime: 60_000,
});
/** They are declared by the services, and change with the platform's version only. */
export const scopesQuery = queryOptions({
  queryKey: ["scopes"],
  queryFn: () => call<Scope[]>("/api/identity/scopes"),
  staleTime: Number.POSITIVE_INFINITY,
});

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => call<Key[]>("/api/identity/keys", { signal }),
});
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => call<Session[]>("/api/identity/me/sessions", { signal }),
});

export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: ({ signal }) => call<Organisation[]>("/api/identity/organisations", { signal }),
});
export const signOnQuery = queryOptions({
  queryKey: ["sign-on"],
  queryFn: ({ signal }) => call<SignOnProvider[]>("/api/identity/sign-on", { signal }),
});

export const auditChoicesQuery = queryOptions({
  queryKey: ["audit choices"],
  queryFn: ({ signal }) => call<AuditChoices>("/api/platform/audit/choices", { signal }),
  staleTime: 30_000,
});

export const docsQuery = queryOptions({
  queryKey: ["docs"],
  queryFn: ({ signal }) => call<DocEntry[]>("/api/platform/docs", { signal }),
  staleTime: 300_000,
});
export const docQuery = (path: string) =>
  queryOptions({
    queryKey: ["docs", "page", path],
    queryFn: ({ signal }) =>
      call<DocEntry & { html: string }>(`/api/platform/docs/page?path=${encodeURIComponent(path)}`, { signal }),
    staleTime: 300_000,
  });
export const docSearchQuery = (words: string) =>
  queryOptions({
    queryKey: ["docs", "search", words],
    queryFn: ({ signal }) =>
      call<(DocEntry & { excerpt: { text: string; match: boolean }[] })[]>(
        `/api/platform/docs/search?q=${encodeURIComponent(words)}`,
        { signal },
      ),
    enabled: words !== "",
    placeholderData: keepPreviousData,
  });
