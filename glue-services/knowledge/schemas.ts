import { type Static, type TSchema, Type } from "typebox";

export const Maybe = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const Id = Type.String({ format: "uuid" });
export const ById = Type.Object({ id: Id });
export const Time = Type.String({ description: "ISO 8601." });
const Tags = Type.Array(Type.String({ pattern: "^[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,49}$" }), { maxItems: 20 });
const Name = Type.String({ minLength: 1, maxLength: 120, pattern: "\\S" });
const RefreshHours = Type.Integer({
  minimum: 1,
  maximum: 8760,
  description: "Hours between two readings; null for none. @default 6 for a repository, none for a site",
});

/** What bounds the reading of a site or repository. */
export const SourceSettings = Type.Object(
  {
    maxPages: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, description: "Pages at most. @default 500" })),
    maxDepth: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 50, description: "Links from the first page. @default 6" }),
    ),
    include: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: 50,
        description: "Beginnings of paths that are read; * stands for anything. @default below the address",
      }),
    ),
    exclude: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: 50,
        description: "Beginnings of paths that are left out; * stands for anything.",
      }),
    ),
    delayMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 60_000, description: "Milliseconds between two requests. @default 200" }),
    ),
    llms: Type.Optional(
      Type.Boolean({ description: "Read llms-full.txt instead of the pages, where a site has it. @default true" }),
    ),
    branch: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: "Of a repository. @default its own" }),
    ),
  },
  { additionalProperties: false },
);
export type SourceSettings = Static<typeof SourceSettings>;

export const SourceGiven = Type.Object(
  {
    kind: Type.Union([Type.Literal("site"), Type.Literal("git"), Type.Literal("files")]),
    name: Type.Optional(Name),
    address: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: 2000,
        description: "Of a site: where to begin. Of a repository in the platform's Gitea: owner/name.",
      }),
    ),
    tags: Type.Optional(Tags),
    refreshHours: Type.Optional(Maybe(RefreshHours)),
    settings: Type.Optional(SourceSettings),
  },
  { additionalProperties: false },
);
export type SourceGiven = Static<typeof SourceGiven>;

export const SourceChange = Type.Object(
  {
    name: Type.Optional(Name),
    tags: Type.Optional(Tags),
    refreshHours: Type.Optional(Maybe(RefreshHours)),
    settings: Type.Optional(SourceSettings),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const RunTold = Type.Object({
  id: Id,
  state: Type.String({ description: "waiting, running, done, failed or cancelled." }),
  found: Type.Integer({ description: "Pages or files that were found." }),
  read: Type.Integer({ description: "New or changed ones." }),
  unchanged: Type.Integer(),
  skipped: Type.Integer({ description: "Left out: by robots, by a limit, or because they cannot be read." }),
  failed: Type.Integer(),
  removed: Type.Integer({ description: "Pages that are there no more." }),
  note: Maybe(Type.String()),
  createdAt: Time,
  startedAt: Maybe(Time),
  endedAt: Maybe(Time),
});

export const SourceTold = Type.Object({
  id: Id,
  kind: Type.String(),
  name: Type.String(),
  address: Maybe(Type.String()),
  tags: Type.Array(Type.String()),
  refreshHours: Maybe(Type.Integer()),
  settings: SourceSettings,
  createdAt: Time,
  readAt: Maybe(Time),
  pages: Type.Integer(),
  chunks: Type.Integer(),
  waiting: Type.Integer({ description: "Chunks that the model in use has not embedded yet; words find them already." }),
  problems: Type.Object(
    {
      failed: Type.Integer({ description: "Pages or files that could not be read." }),
      partial: Type.Integer({ description: "Ones that were read, and something of them was lost or guessed." }),
      skipped: Type.Integer({ description: "Ones that were left out." }),
    },
    { description: "What is wrong now, of this reading or a former one; GET …/problems lists it." },
  ),
  state: Type.String({
    description:
      "empty, waiting, reading, ready, incomplete (something failed, or nothing could be read), failed or cancelled.",
  }),
  run: Maybe(RunTold),
});

export const ProblemTold = Type.Object({
  address: Type.String({ description: "Of a page, or the name of a file." }),
  kind: Type.String({ description: "failed, partial (read, but not all of it) or skipped." }),
  note: Type.String({ description: "What happened and what to do." }),
  notedAt: Time,
});
export type ProblemTold = Static<typeof ProblemTold>;
export type SourceTold = Static<typeof SourceTold>;

const Lines = Type.Object({ first: Type.Integer(), last: Type.Integer() });

/** Where something stands, so that it can be cited. */
export const Citation = Type.Object({
  source: Type.Object({ id: Id, name: Type.String(), kind: Type.String() }),
  page: Type.Object({ id: Id, title: Type.String(), address: Type.String() }),
  lines: Lines,
});

/** From, to. `prefixItems`, since JSON Schema 2020-12, which OpenAPI 3.1 uses, knows no tuple as `items`. */
const Mark = Type.Unsafe<[number, number]>({
  type: "array",
  prefixItems: [{ type: "integer" }, { type: "integer" }],
  items: { type: "integer" },
  minItems: 2,
  maxItems: 2,
});

export const Hit = Type.Object({
  chunk: Id,
  kind: Type.String({ description: "prose, code or table." }),
  heading: Type.String(),
  content: Type.String(),
  snippet: Type.Object({
    text: Type.String(),
    marks: Type.Array(Mark, { description: "Found words: from, to." }),
  }),
  citation: Citation,
  score: Type.Number(),
  ranks: Type.Object(
    { words: Type.Optional(Type.Integer()), vector: Type.Optional(Type.Integer()) },
    { description: "Its place in each of the two lists." },
  ),
});
export type Hit = Static<typeof Hit>;

const many = <T extends TSchema>(schema: T, description: string) =>
  Type.Optional(Type.Array(schema, { maxItems: 100, description }));

/** What a search is limited to. */
export const SearchFilter = {
  source: many(Id, "Only these sources."),
  tag: many(Type.String({ maxLength: 50 }), "Only sources with one of these tags."),
  project: Type.Optional(Type.String({ format: "uuid", description: "Only sources of this project." })),
  kind: many(
    Type.Union([Type.Literal("prose"), Type.Literal("code"), Type.Literal("table")]),
    "Only such pieces: code finds examples.",
  ),
  prefix: Type.Optional(Type.String({ maxLength: 2000, description: "Only pages whose address begins so." })),
};

export const SearchAsked = Type.Object({
  q: Type.String({
    minLength: 1,
    maxLength: 2000,
    pattern: "\\S",
    description: "Words, a question, a command or code, as it is: no character of it is an instruction.",
  }),
  operators: Type.Optional(
    Type.Boolean({
      description:
        'Read "a phrase" in q as what must be there, and -word or -"a phrase" as what must not. @default false',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: "Hits at most. @default 8" })),
  mode: Type.Optional(
    Type.Union([Type.Literal("hybrid"), Type.Literal("words"), Type.Literal("vector")], {
      description: "@default hybrid",
    }),
  ),
  rerank: Type.Optional(Type.Boolean({ description: "Let a model order the best hits; slower. @default false" })),
  ...SearchFilter,
});
export type SearchAsked = Static<typeof SearchAsked>;

export const SearchTold = Type.Object({
  hits: Type.Array(Hit),
  vectorsUsed: Type.Boolean({
    description: "False: found by words alone. A note says why, unless words were asked for or nothing embeds here.",
  }),
  /** Something was not as it should be, and the answer is still of use. */
  note: Type.Optional(Type.String()),
});
export type SearchTold = Static<typeof SearchTold>;

export const Asked = Type.Object(
  {
    question: Type.String({ minLength: 1, maxLength: 2000, pattern: "\\S" }),
    ...SearchFilter,
  },
  { additionalProperties: false },
);

export type Asked = Static<typeof Asked>;

export const Answered = Type.Object({
  answered: Type.Boolean({ description: "False: nothing was found that answers it, and none is made up." }),
  answer: Type.String({ description: "With [1], [2], … where a citation belongs." }),
  citations: Type.Array(
    Type.Object({ number: Type.Integer(), heading: Type.String(), text: Type.String(), ...Citation.properties }),
    { description: "Those that the answer names." },
  ),
  vectorsUsed: Type.Boolean({ description: "False: its passages were found by words alone." }),
  note: Type.Optional(Type.String()),
});
export type Answered = Static<typeof Answered>;

/** A whole page, as it is shown and cited. */
export const PageRead = Type.Object({
  id: Type.String(),
  title: Type.String(),
  address: Type.String(),
  language: Type.String(),
  media: Type.String(),
  content: Type.String(),
  changedAt: Type.String(),
  source: Type.Object({ id: Type.String(), name: Type.String(), kind: Type.String() }),
});
export type PageRead = Static<typeof PageRead>;

export const SettingsGiven = Type.Object(
  {
    embeddingModel: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    answerModel: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    rerankModel: Type.Optional(Maybe(Type.String({ minLength: 1, maxLength: 200 }))),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const SettingsTold = Type.Object({
  embeddingModel: Type.String({ description: "Route or model of the AI gateway." }),
  answerModel: Type.String(),
  rerankModel: Maybe(Type.String()),
  serving: Maybe(Type.Object({ model: Type.String(), dimension: Type.Integer(), waiting: Type.Integer() })),
  building: Maybe(
    Type.Object(
      { model: Type.String(), dimension: Type.Integer(), waiting: Type.Integer() },
      { description: "A new model at work; the old one serves until all is embedded anew." },
    ),
  ),
  vespa: Maybe(
    Type.Object(
      {
        serves: Type.Boolean({ description: "Whether it answers searches; PostgreSQL does otherwise." }),
        waiting: Type.Integer({ description: "Chunks that it does not have as PostgreSQL has them." }),
        note: Type.Optional(Type.String()),
      },
      { description: "The search server of larger stacks; null where PostgreSQL is the index." },
    ),
  ),
});
