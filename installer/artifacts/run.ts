import type { Source, Upstream } from "../../components/catalogue/index.ts";
import type { Platform } from "../../components/provider/platform.ts";
import type { ResolvedSettings } from "./settings.ts";
import type { Web } from "./web.ts";

/** What every step of one run shares. */
export interface Run {
  cache: string;
  platform: Platform;
  settings: ResolvedSettings;
  web: Web;
  /** Folder of the catalogue, for files beside its entries. */
  catalogue: string;
  upstream(name: string): Upstream;
}

/** How a source is called in messages and manifests: an address or a package URL, never with credentials. */
export function nameOf(source: Source): string {
  return source.kind === "official" ? source.url : source.purl;
}
