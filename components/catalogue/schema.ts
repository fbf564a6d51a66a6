import { type Static, Type } from "typebox";
import { platforms } from "../provider/platform.ts";

/** An object that refuses misspelt fields. */
const Strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const Text = Type.String({ minLength: 1 });
const Https = Type.String({ pattern: "^https://[^\\s]+$" });
/** Path inside an archive, a module or an artifact: relative, never leaving its folder. */
const Inside = Type.String({ pattern: "^(?!/)(?!.*(^|/)\\.\\.(/|$)).*$" });

/** What the bytes must hash to, in hexadecimal. */
export const Digest = Type.Union([
  Strict({ sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }) }),
  Strict({ sha512: Type.String({ pattern: "^[0-9a-f]{128}$" }) }),
]);
export type Digest = Static<typeof Digest>;

/** How a downloaded file becomes a folder. Modes are not taken from the archive: programs and scripts become executable. */
export const Unpack = Strict({
  format: Type.Union([Type.Literal("zip"), Type.Literal("tar.gz"), Type.Literal("file")]),
  /** First rule whose `from` is the entry or a folder above it wins; an entry without a rule is left out. */
  take: Type.Array(
    Strict({ from: Inside, to: Inside, /** Globs of entries to leave out. */ except: Type.Optional(Type.Array(Text)) }),
    { minItems: 1 },
  ),
  /** Symbolic links to make: name in the artifact to its target, relative to the artifact. */
  links: Type.Optional(Type.Record(Inside, Inside)),
});
export type Unpack = Static<typeof Unpack>;

/** A release file of the project itself. */
export const OfficialSource = Strict({
  kind: Type.Literal("official"),
  url: Https,
  /**
   * The hash itself where it is known for certain. Else the document in which the project publishes it, for whoever
   * upgrades the entry; a download is checked by one only where another host publishes it than the file's.
   */
  digest: Type.Union([
    Digest,
    Strict({ document: Https, algorithm: Type.Union([Type.Literal("sha256"), Type.Literal("sha512")]) }),
  ]),
  /** Bytes to download, where known. */
  size: Type.Optional(Type.Integer({ minimum: 1 })),
  unpack: Unpack,
});
export type OfficialSource = Static<typeof OfficialSource>;

/** A file of a package registry. `purl` is a package URL; the registry's address comes from configuration. */
const packageSource = <K extends "npm" | "pypi" | "maven">(kind: K) =>
  Strict({
    kind: Type.Literal(kind),
    purl: Type.String({ pattern: `^pkg:${kind}/[^@\\s]+@[^\\s]+$` }),
    /** File name in the registry. */
    file: Type.String({ pattern: "^[^/\\s]+$" }),
    digest: Digest,
    size: Type.Integer({ minimum: 1 }),
    unpack: Unpack,
  });
export const NpmSource = packageSource("npm");
export const PypiSource = packageSource("pypi");
export const MavenSource = packageSource("maven");
export type PackageSource = Static<typeof NpmSource> | Static<typeof PypiSource> | Static<typeof MavenSource>;

/** A build of a Go module against a committed go.mod and go.sum, so that every byte compiled is verified. */
export const GoSource = Strict({
  kind: Type.Literal("go"),
  purl: Type.String({ pattern: "^pkg:golang/[^@\\s]+@v[^\\s]+$" }),
  /** Folder with go.mod and go.sum, below configs/upstreams. */
  wrapper: Inside,
  /** Go files beside them, where a program is put together there of other people's packages. */
  own: Type.Optional(Type.Array(Inside)),
  /** Programs to build: name in bin/ to the package. */
  programs: Type.Record(Text, Text, { minProperties: 1 }),
  tags: Type.Optional(Type.Array(Text)),
  ldflags: Type.Optional(Type.Array(Text)),
  /** Files and folders of the module that the program reads at run time. */
  take: Type.Optional(Type.Array(Strict({ from: Inside, to: Inside }))),
  /** Bytes of modules to download and minutes of two idle cores, as measured: for the plan. */
  size: Type.Integer({ minimum: 1 }),
  minutes: Type.Number({ exclusiveMinimum: 0 }),
  /** MiB the build needs on disk while it runs. */
  disk: Type.Integer({ minimum: 1 }),
});
export type GoSource = Static<typeof GoSource>;

export const Source = Type.Union([OfficialSource, NpmSource, PypiSource, MavenSource, GoSource]);
export type Source = Static<typeof Source>;

const Image = Type.Union([
  Strict({
    /** Full names without tag, in order of preference; the same image on each. One only where it is nowhere else. */
    registries: Type.Array(Text, { minItems: 1 }),
    tag: Text,
    digest: Type.Union([Type.String({ pattern: "^sha256:[0-9a-f]{64}$" }), Strict({ none: Text })]),
    /** Where the image keeps what the artifact has: path in the artifact to absolute path in the image. */
    paths: Type.Optional(Type.Record(Inside, Type.String({ pattern: "^/" }))),
    /** Where it keeps its data. @default "/data" */
    data: Type.Optional(Type.String({ pattern: "^/" })),
    /** Number of the user it runs as, and of its group where that differs; absent: it needs root. */
    user: Type.Optional(Type.Integer({ minimum: 1 })),
    group: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Folders that must be writable besides its data; everything else is read-only. */
    writable: Type.Optional(Type.Array(Type.String({ pattern: "^/" }))),
    /** Program in the image that asks `{url}` and fails when it does not answer; absent: it has none. */
    probe: Type.Optional(Type.Array(Text, { minItems: 1 })),
    /** MiB to download, compressed, where known. */
    size: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  Strict({ none: Text }),
]);

const Health = Type.Union([
  Strict({ kind: Type.Literal("http"), port: Text, path: Type.String({ pattern: "^/" }) }),
  Strict({ kind: Type.Literal("tcp"), port: Text }),
  Strict({ kind: Type.Literal("command"), command: Type.Array(Text, { minItems: 1 }) }),
  Strict({ kind: Type.Literal("none"), reason: Text }),
]);

/** One program DevFlow is made of: a file of configs/upstreams. */
export const Upstream = Strict({
  /** File name without extension. */
  name: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }),
  title: Text,
  version: Type.String({ pattern: "^[0-9]+(\\.[0-9]+)*([-+][0-9A-Za-z.-]+)?$" }),
  /** What else comes in it: name to version. */
  includes: Type.Optional(Type.Record(Text, Text)),
  /** SPDX expression. */
  license: Text,
  homepage: Https,
  image: Image,
  /** Default port numbers by purpose; `health.port` names one of them. */
  ports: Type.Record(Text, Type.Integer({ minimum: 1, maximum: 65535 })),
  health: Health,
  /** Resident MiB of one instance: below the floor it fails, expected is measured with DevFlow's configuration. */
  memory: Strict({ floor: Type.Integer({ minimum: 0 }), expected: Type.Integer({ minimum: 0 }) }),
  /** MiB: the unpacked program, and the data of a fresh instance. */
  disk: Strict({ program: Type.Integer({ minimum: 1 }), data: Type.Integer({ minimum: 0 }) }),
  /** What a backup must contain, each with how it is taken; empty when there is nothing of worth. */
  backup: Type.Array(Strict({ what: Text, how: Text })),
  upgrade: Strict({
    /** Furthest step that may be taken at once. */
    step: Type.Union([Type.Literal("patch"), Type.Literal("minor"), Type.Literal("major")]),
    /** Whether data of the former version can be used as it is. */
    data: Type.Union([Type.Literal("compatible"), Type.Literal("migrates-itself"), Type.Literal("needs-conversion")]),
    rules: Type.Array(Text),
  }),
  /** By platform, in order of preference; or why there is none that runs outside of a container. */
  artifacts: Type.Union([
    Type.Object(
      Object.fromEntries(platforms.map((platform) => [platform, Type.Array(Source, { minItems: 1 })])) as Record<
        (typeof platforms)[number],
        ReturnType<typeof Type.Array<typeof Source>>
      >,
      { additionalProperties: false },
    ),
    Strict({ none: Text }),
  ]),
});
export type Upstream = Static<typeof Upstream>;
