import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PackageURL, UrlConverter } from "@socketregistry/packageurl-js";
import type { MirrorKind } from "./settings.ts";
import { Skipped } from "./skipped.ts";

/**
 * Address of a package's file (npm, Maven) or of its index page (PyPI). The library knows the public registries; a
 * mirror, or what the person has set for the registry's own client, replaces the base.
 */
export async function registryUrl(purl: string, mirrors: Partial<Record<MirrorKind, string>>): Promise<string> {
  const parsed = PackageURL.fromString(purl);
  const standard = UrlConverter.toDownloadUrl(parsed)?.url;
  if (!standard) throw new Skipped(`${purl} has no known registry`);
  const { base, below } = split(
    standard,
    parsed.type ?? "",
    `${parsed.namespace ? `${parsed.namespace}/` : ""}${parsed.name}`,
  );
  const configured =
    parsed.type === "npm"
      ? (mirrors.npm ?? (await npmRegistry()))
      : parsed.type === "pypi"
        ? (mirrors.pypi ?? process.env.PIP_INDEX_URL)
        : parsed.type === "maven"
          ? mirrors.maven
          : undefined;
  return `${(configured || base).replace(/\/+$/, "")}/${below}`;
}

/** Base address of the public Go proxy, as the library knows it. */
export function standardGoProxy(): string {
  const url = UrlConverter.toDownloadUrl(PackageURL.fromString("pkg:golang/example.org/module@v1.0.0"))?.url ?? "";
  return url.slice(0, url.indexOf("/example.org/"));
}

/** Where the registry's base ends and the package's own path begins. */
function split(url: string, type: string, name: string): { base: string; below: string } {
  const own = type === "maven" ? name.replaceAll(/\.(?=.*\/)/g, "/") : name;
  const at = url.lastIndexOf(`/${own}/`) === -1 ? -1 : url.indexOf(`/${own}/`);
  if (at === -1) throw new Skipped(`the address of ${name} is not of the known form`);
  return { base: url.slice(0, at), below: url.slice(at + 1) };
}

let asked: Promise<string | undefined> | undefined;

/** The registry that npm itself would use; npm is asked at most once, since it takes half a second to answer. */
function npmRegistry(): Promise<string | undefined> {
  const set = process.env.npm_config_registry || process.env.NPM_CONFIG_REGISTRY;
  if (set) return Promise.resolve(set);
  asked ??= promisify(execFile)("npm", ["config", "get", "registry"], { timeout: 10_000 }).then(
    ({ stdout }) => (/^https?:/.test(stdout.trim()) ? stdout.trim() : undefined),
    () => undefined,
  );
  return asked;
}
