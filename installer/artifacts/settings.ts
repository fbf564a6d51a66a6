/** Where artifacts come from and how long a source may take to answer. */
export interface ArtifactSettings {
  /**
   * Base addresses that replace the default ones. `official` is followed by the host and path of the original address;
   * `npm`, `pypi` (its simple index), `maven` and `go` by what their clients ask for. May hold `user:password@`.
   */
  mirrors?: Partial<Record<MirrorKind, string>>;
  /** Folder of files that is looked in before any address: by file name, by hash, or `<artifact>.tar.gz`. */
  offline?: string;
  /** Whether release files of the projects themselves are asked for. @default true */
  official?: boolean;
  /** Keeps modules and compiled packages of a Go build, which a later build of another version can use. @default false */
  keepBuild?: boolean;
  /** Milliseconds. */
  patience?: Partial<Patience>;
}

export type MirrorKind = "official" | "npm" | "pypi" | "maven" | "go";

export interface Patience {
  /** Until a host that has not answered in this run is given up, connection included. */
  answer: number;
  /** Without a byte from a host that has answered. */
  stall: number;
  /** First pause before a broken transfer is resumed; doubles up to 8 times this. */
  retry: number;
}

export type ResolvedSettings = Required<Pick<ArtifactSettings, "mirrors" | "official" | "keepBuild">> & {
  offline: string | undefined;
  patience: Patience;
};

export function resolveSettings(settings: ArtifactSettings): ResolvedSettings {
  return {
    mirrors: settings.mirrors ?? {},
    offline: settings.offline,
    official: settings.official ?? true,
    keepBuild: settings.keepBuild ?? false,
    patience: { answer: 3000, stall: 30_000, retry: 500, ...settings.patience },
  };
}
