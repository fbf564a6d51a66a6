import type { Scale } from "../components/primitives/kubernetes-surroundings.ts";
import type { Settings } from "./config/index.ts";
import type { SizeName } from "./config/schema/kubernetes.ts";

/** What a cluster must give: worker nodes that are free for the platform. */
export interface Nodes {
  count: number;
  /** Cores and GiB of memory of each. */
  cores: number;
  memory: number;
}

interface Size {
  /** For whom. */
  people: string;
  nodes: Nodes;
  /** With `ha`: enough that one may be lost. */
  nodesHa: Nodes;
  services: { least: number; most: number };
  postgres: Omit<Scale["postgres"], "instances" | "poolers">;
  volumes: Record<string, number>;
  volume: number;
  /** With `ha`: Vespa's containers and content nodes, and the MiB of a container. */
  search: { container: number; content: number; containerMemory: number };
  /** In place of what the profile says for one machine. */
  sizing: Settings["sizing"];
}

/** The sizes of a stack in a cluster: everything that differs between them stands here. */
export const sizes: Record<SizeName, Size> = {
  small: {
    people: "up to 25 people",
    nodes: { count: 1, cores: 8, memory: 16 },
    nodesHa: { count: 3, cores: 4, memory: 16 },
    services: { least: 1, most: 2 },
    postgres: { memory: 1024, cpu: 250, disk: 20, wal: 5 },
    volumes: { code: 20, storage: 50, metrics: 10 },
    volume: 10,
    search: { container: 2, content: 2, containerMemory: 1536 },
    sizing: {
      postgres: { sharedBuffers: 256, maxConnections: 200 },
      metrics: { retention: "15d", memory: 512, disk: 8 },
      code: { memoryLimit: 512, maxConnections: 30 },
      timescale: { sharedBuffers: 128 },
      search: { memory: 4096 },
      graph: { heap: 512, pageCache: 256 },
      platform: { maxOldSpace: 384 },
    },
  },
  medium: {
    people: "up to 150 people",
    nodes: { count: 2, cores: 8, memory: 16 },
    nodesHa: { count: 3, cores: 8, memory: 16 },
    services: { least: 2, most: 6 },
    postgres: { memory: 4096, cpu: 1000, disk: 100, wal: 20 },
    volumes: { code: 100, storage: 250, metrics: 50 },
    volume: 20,
    search: { container: 2, content: 3, containerMemory: 2048 },
    sizing: {
      postgres: { sharedBuffers: 1024, maxConnections: 400 },
      metrics: { retention: "30d", memory: 1536, disk: 40 },
      code: { memoryLimit: 1024, maxConnections: 60 },
      timescale: { sharedBuffers: 512 },
      search: { memory: 8192 },
      graph: { heap: 1024, pageCache: 1024 },
      platform: { maxOldSpace: 768 },
    },
  },
  large: {
    people: "up to 1,000 people",
    nodes: { count: 3, cores: 16, memory: 64 },
    nodesHa: { count: 4, cores: 16, memory: 64 },
    services: { least: 3, most: 12 },
    postgres: { memory: 16384, cpu: 4000, disk: 500, wal: 50 },
    volumes: { code: 500, storage: 1000, metrics: 200 },
    volume: 50,
    search: { container: 3, content: 4, containerMemory: 4096 },
    sizing: {
      postgres: { sharedBuffers: 4096, maxConnections: 800 },
      metrics: { retention: "90d", memory: 6144, disk: 160 },
      code: { memoryLimit: 4096, maxConnections: 120 },
      timescale: { sharedBuffers: 2048 },
      search: { memory: 16384 },
      graph: { heap: 4096, pageCache: 4096 },
      platform: { maxOldSpace: 1536 },
    },
  },
};

/** The row of a stack. `ha` gives everything that can have it a second one, and PostgreSQL a third for its quorum. */
export function scaleOf({ size, ha }: Pick<Settings["kubernetes"], "size" | "ha">): Scale {
  const { services, postgres, volumes, volume, search } = sizes[size];
  return {
    ha,
    services: { least: Math.max(services.least, ha ? 2 : 1), most: Math.max(services.most, ha ? 3 : 1) },
    postgres: { ...postgres, instances: ha ? 3 : 1, poolers: ha ? 2 : 1 },
    volumes,
    volume,
    // Three configuration servers, so that two of them still decide; two copies, so that one node may be lost.
    ...(ha && { search: { ...search, config: 3, redundancy: 2, configMemory: 1536 } }),
  };
}

/** Nodes that a stack of these settings needs. */
export function nodesOf({ size, ha }: Pick<Settings["kubernetes"], "size" | "ha">): Nodes {
  return ha ? sizes[size].nodesHa : sizes[size].nodes;
}
