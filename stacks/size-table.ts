import { scaleOf, sizes } from "./sizes.ts";

/** The sizes of a stack in a cluster as a Markdown table. */
export function sizeTable(): string {
  const head = [
    "size",
    "meant for, roughly",
    "worker nodes, with every product",
    "with `ha`",
    "pods of each service",
    "PostgreSQL",
    "Vespa with `ha`, where `search` is on",
    "volumes, GiB",
    "retention of metrics",
  ];
  const rows = Object.entries(sizes).map(([name, size]) => {
    const { postgres, volumes } = size;
    const scale = scaleOf({ size: name as keyof typeof sizes, ha: true });
    return [
      `\`${name}\``,
      size.people,
      nodes(size.nodes),
      nodes(size.nodesHa),
      `${size.services.least} to ${size.services.most}; with \`ha\` ${scale.services.least} to ${scale.services.most}`,
      `${postgres.memory / 1024} GiB, ${postgres.disk} + ${postgres.wal} GiB of disk an instance; 1, with \`ha\` ${scale.postgres.instances}`,
      vespa(scale.search, size.sizing.search.memory),
      Object.entries(volumes)
        .map(([component, disk]) => `${component} ${disk}`)
        .join(", "),
      size.sizing.metrics.retention,
    ];
  });
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Each role, and what all of them take together. */
function vespa(search: ReturnType<typeof scaleOf>["search"], memory: number): string {
  if (!search) return "one node";
  const { config, container, content, redundancy, configMemory, containerMemory } = search;
  const all = config * configMemory + container * containerMemory + content * memory;
  return `${config} configuration servers, ${container} containers, ${content} content nodes of ${memory / 1024} GiB, ${redundancy} copies; ${Math.round(all / 1024)} GiB in all, for which the nodes have room`;
}

function nodes({ count, cores, memory }: { count: number; cores: number; memory: number }): string {
  return `${count} × ${cores} cores, ${memory} GiB`;
}
