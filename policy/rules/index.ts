import type { Finding, Resource, Rule } from "../rule.ts";
import { backups } from "./backups.ts";
import { buckets } from "./buckets.ts";
import { copies } from "./copies.ts";
import { data } from "./data.ts";
import { digests } from "./digests.ts";
import { disks } from "./disks.ts";
import { images } from "./images.ts";
import { limits } from "./limits.ts";
import { networks } from "./networks.ts";
import { privilege } from "./privilege.ts";
import { proxies } from "./proxies.ts";
import { scaling } from "./scaling.ts";
import { second } from "./second.ts";

export const rules: Rule[] = [
  ...[buckets, disks, images, digests, privilege, limits],
  ...[backups, copies, proxies, networks, scaling, data, second],
];

/**
 * What goes against the rules; empty when nothing does.
 * @param asked names of optional rules that hold as well
 */
export function judge(resources: Resource[], asked: string[] = []): Finding[] {
  const held = rules.filter(({ name, optional }) => !optional || asked.includes(name));
  return held.flatMap(({ name, each, all }) => [
    ...resources.flatMap((one) => (each?.(one) ?? []).map((message) => ({ rule: name, urn: one.urn, message }))),
    ...(all?.(resources) ?? []).map((finding) => ({ rule: name, ...finding })),
  ]);
}
