import type { Scale } from "../components/primitives/kubernetes-surroundings.ts";
import type { Settings } from "./config/index.ts";
import type { SizeName } from "./config/schema/kubernetes.ts";
import type { VolumeName } from "./config/schema/volumes.ts";
import type { Room } from "./room.ts";

/** What a cluster must give: worker nodes that are free for the platform, with every product on. */
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
  /** GiB of those that grow with what people keep. */
  volumes: Partial<Record<VolumeName, number>>;
  /** With `ha`: Vespa's containers and content nodes, and the MiB of a container. */
  search: { container: number; content: number; containerMemory: number };
  /** In place of what the profile says for one machine. */
  sizing: Settings["sizing"];
  room: Room;
}

/** GiB of every other volume, of every size: caches, mail of apps that are tried out, notes. */
const volume = 10;

/** The sizes of a stack in a cluster: everything that differs between them stands here. */
export const sizes: Record<SizeName, Size> = {
  small: {
    people: "up to 25 people",
    nodes: { count: 1, cores: 8, memory: 32 },
    nodesHa: { count: 3, cores: 8, memory: 32 },
    services: { least: 1, most: 2 },
    postgres: { memory: 1024, cpu: 250, disk: 20, wal: 5 },
    volumes: {
      ...{ code: 20, storage: 50, metrics: 10, logs: 10, traces: 10, errors: 10, runner: 10 },
      ...{ timescale: 20, graph: 10, search: 20 },
      ...{ "runtime-db": 20, "runtime-storage": 20, "runtime-functions": 10 },
    },
    search: { container: 2, content: 2, containerMemory: 1536 },
    sizing: {
      postgres: { sharedBuffers: 256, maxConnections: 200 },
      metrics: { retention: "15d", memory: 512, disk: 7 },
      code: { memoryLimit: 512, maxConnections: 30 },
      timescale: { sharedBuffers: 128 },
      search: { memory: 4096 },
      graph: { heap: 512, pageCache: 256 },
      platform: { maxOldSpace: 384 },
    },
    room: {
      ...{ storage: 512, logs: 640, traces: 720, collector: 440, errors: 1200 },
      runtime: { sharedBuffers: 128, maxConnections: 200 },
    },
  },
  medium: {
    people: "up to 150 people",
    nodes: { count: 2, cores: 8, memory: 32 },
    nodesHa: { count: 4, cores: 8, memory: 32 },
    services: { least: 2, most: 6 },
    postgres: { memory: 4096, cpu: 1000, disk: 100, wal: 20 },
    volumes: {
      ...{ code: 100, storage: 250, metrics: 50, logs: 20, traces: 20, errors: 20, runner: 20 },
      ...{ timescale: 100, graph: 50, search: 50 },
      ...{ "runtime-db": 100, "runtime-storage": 100, "runtime-functions": 20 },
    },
    search: { container: 2, content: 3, containerMemory: 2048 },
    sizing: {
      postgres: { sharedBuffers: 1024, maxConnections: 400 },
      metrics: { retention: "30d", memory: 1536, disk: 35 },
      code: { memoryLimit: 1024, maxConnections: 60 },
      timescale: { sharedBuffers: 512 },
      search: { memory: 8192 },
      graph: { heap: 1024, pageCache: 1024 },
      platform: { maxOldSpace: 768 },
    },
    room: {
      ...{ storage: 1024, logs: 1024, traces: 1024, collector: 660, errors: 1600 },
      runtime: { sharedBuffers: 512, maxConnections: 300 },
    },
  },
  large: {
    people: "up to 1,000 people",
    nodes: { count: 3, cores: 16, memory: 64 },
    nodesHa: { count: 6, cores: 16, memory: 64 },
    services: { least: 3, most: 12 },
    postgres: { memory: 16384, cpu: 4000, disk: 500, wal: 50 },
    volumes: {
      ...{ code: 500, storage: 1000, metrics: 200, logs: 50, traces: 50, errors: 50, runner: 50 },
      ...{ timescale: 500, graph: 200, search: 200 },
      ...{ "runtime-db": 500, "runtime-storage": 500, "runtime-functions": 50 },
    },
    search: { container: 3, content: 4, containerMemory: 4096 },
    sizing: {
      postgres: { sharedBuffers: 4096, maxConnections: 800 },
      metrics: { retention: "90d", memory: 6144, disk: 140 },
      code: { memoryLimit: 4096, maxConnections: 120 },
      timescale: { sharedBuffers: 2048 },
      search: { memory: 16384 },
      graph: { heap: 4096, pageCache: 4096 },
      platform: { maxOldSpace: 1536 },
    },
    room: {
      ...{ storage: 2048, logs: 2048, traces: 2048, collector: 1320, errors: 2400 },
      runtime: { sharedBuffers: 2048, maxConnections: 500 },
    },
  },
};

/** The row of a stack. `ha` gives everything that can have it a second one, and PostgreSQL a third for its quorum. */
export function scaleOf({ size, ha, volumes = {} }: Known & { volumes?: Settings["kubernetes"]["volumes"] }): Scale {
  const { services, postgres, volumes: grown, search } = sizes[size];
  const { postgres: disk = postgres.disk, "postgres-wal": wal = postgres.wal } = volumes;
  return {
    ha,
    services: { least: Math.max(services.least, ha ? 2 : 1), most: Math.max(services.most, ha ? 3 : 1) },
    postgres: { ...postgres, disk, wal, instances: ha ? 3 : 1, poolers: ha ? 2 : 1 },
    volumes: { ...grown, ...volumes },
    volume,
    // Three configuration servers, so that two of them still decide; two copies, so that one node may be lost.
    ...(ha && { search: { ...search, config: 3, redundancy: 2, configMemory: 1536 } }),
  };
}

type Known = Pick<Settings["kubernetes"], "size" | "ha">;

/** Nodes that a stack of these settings needs. */
export function nodesOf({ size, ha }: Known): Nodes {
  return ha ? sizes[size].nodesHa : sizes[size].nodes;
}
