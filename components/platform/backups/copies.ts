import { all, type Input, type Output, output } from "@pulumi/pulumi";
import type { S3Server } from "../../primitives/bucket/index.ts";
import type { Door } from "../../primitives/calls.ts";
import type { DatabaseServer } from "../../primitives/database/index.ts";
import { secretsAround } from "../../surroundings.ts";

/** Something that a product keeps and a nightly copy is made of. */
export type Copy = {
  /** Resolves when it is there. */
  process: Input<string>;
} & (
  | { kind: "postgres"; server: Pick<DatabaseServer, "host" | "port" | "user" | "password" | "door"> }
  /** The data folder of a workload, or what is `within` it. */
  | {
      kind: "folder";
      workload: string;
      /** Catalogue name of its program, whose user owns the files. */
      upstream: string;
      within?: string;
      /** Folders that are made anew by whoever misses them. @default [] */
      leaveOut?: string[];
      /** Hours: where no file is as new as that, there is nothing to copy, and that is a failure. */
      fresh?: number;
    }
  | { kind: "secrets"; values: Input<Record<string, string>> }
  /** Every object of an S3 server. */
  | { kind: "buckets"; server: S3Server; leaveOut?: string[] }
);

/** Name of the copy of the stack's generated secrets, without which the others cannot be used. */
export const secretsCopy = "secrets";

/** By name; whoever restores one finds it under this. */
export type Copies = Record<string, Copy>;

/** With the copy of the stack's secrets, which are known when all else is declared. */
export function withSecrets(copies: Copies): Copies {
  const secrets = secretsAround();
  if (!secrets) return copies;
  return { ...copies, [secretsCopy]: { kind: "secrets", process: "", values: all(Object.fromEntries(secrets)) } };
}

/**
 * Databases first, then files, then objects: what a row names is written before the row, so a copy of files that is later
 * than that of the database has all that the database names.
 */
export function inOrder(copies: Copies): [string, Copy][] {
  const rank = { secrets: 0, postgres: 1, folder: 2, buckets: 3 };
  return Object.entries(copies).sort(([, one], [, other]) => rank[one.kind] - rank[other.kind]);
}

/** Whom its copying calls. */
export function doorsOfCopy(copy: Copy): Door[] {
  if (copy.kind === "postgres") return [copy.server.door];
  return copy.kind === "buckets" && copy.server.door ? [copy.server.door] : [];
}

/** Minutes after the first at which a kind is copied where each has a clock of its own. */
export const minutesLater = { secrets: 0, postgres: 0, folder: 20, buckets: 40 };

/** Where copies go, in the words of glue-services/backup/config.ts. */
export interface BackupTarget {
  endpoint: string;
  region: string;
  bucket: Input<string>;
  /** Before every name; empty or with a slash at its end. */
  prefix: string;
}

/** `s3://bucket/path` as bucket and prefix. */
export function parseDestination(destination: string): Pick<BackupTarget, "prefix"> & { bucket: string } {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(destination) ?? [];
  return { bucket, prefix: path === "" ? "" : `${path.replace(/\/+$/, "")}/` };
}

/** The server that a destination is on. */
export function endpointOf(endpoint: string | undefined, region: string): string {
  return endpoint ?? `https://s3.${region}.amazonaws.com`;
}

/** A copy in the words of glue-services/backup/config.ts. @param folder where the program finds a workload's data */
export function told(copy: Copy, folder: (workload: string) => string): Output<object> {
  switch (copy.kind) {
    case "postgres": {
      const { host, port, user, password } = copy.server;
      return output({ kind: "postgres", host, port, user, password });
    }
    case "secrets":
      return output({ kind: "secrets", values: copy.values });
    case "folder": {
      const { workload, within, leaveOut = [], fresh } = copy;
      const path = within === undefined ? folder(workload) : `${folder(workload)}/${within}`;
      return output({ kind: "folder", path, leaveOut, ...(fresh !== undefined && { fresh }) });
    }
    case "buckets": {
      const { endpoint, accessKey, secretKey, region = "us-east-1" } = copy.server;
      return output({
        kind: "buckets",
        server: { endpoint, region, accessKey, secretKey },
        leaveOut: copy.leaveOut ?? [],
      });
    }
  }
}
