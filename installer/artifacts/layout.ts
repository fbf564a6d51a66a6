import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, sourcesOf, type Upstream } from "../../components/catalogue/index.ts";
import type { Run } from "./run.ts";

/** A digest as algorithm and hexadecimal value. */
export interface Sum {
  algorithm: "sha256" | "sha512";
  hex: string;
}

export function sumOf(digest: Digest): Sum {
  return "sha256" in digest ? { algorithm: "sha256", hex: digest.sha256 } : { algorithm: "sha512", hex: digest.sha512 };
}

/** A finished download, named by its content. */
export function blobPath(cache: string, sum: Sum): string {
  return join(cache, "blobs", sum.algorithm, sum.hex);
}

/** `<name>-<version>-<platform>-<12 hex digits>`: another recipe gives another folder, so that none is changed in place. */
export function artifactId(upstream: Upstream, run: Run): string {
  return `${upstream.name}-${upstream.version}-${run.platform}-${recipe(upstream, run)}`;
}

export function artifactPath(cache: string, id: string): string {
  return join(cache, "artifacts", id);
}

/** Folder in which an artifact takes shape before it is renamed to its place; only the holder of its lock touches it. */
export function draftPath(cache: string, id: string): string {
  return join(cache, "artifacts", `.draft-${id}`);
}

export function lockPath(cache: string, name: string): string {
  return join(cache, "locks", name);
}

export function buildPath(cache: string, id: string): string {
  return join(cache, "build", id);
}

/** Hash of what decides the content: sources, digests, rules and the committed module files, not sizes and estimates. */
function recipe(upstream: Upstream, run: Run): string {
  const hash = createHash("sha256").update(`layout 1\n${upstream.version}\n`);
  for (const source of sourcesOf(upstream, run.platform)) {
    const estimates = new Set(["size", "minutes", "disk"]);
    hash.update(JSON.stringify(source, (key, value) => (estimates.has(key) ? undefined : value)));
    if (source.kind !== "go") continue;
    for (const file of ["go.mod", "go.sum", ...(source.own ?? [])])
      hash.update(readFileSync(join(run.catalogue, source.wrapper, file)));
  }
  return hash.digest("hex").slice(0, 12);
}
