/** What products take that no setting says. On one machine it is always the usual; in a cluster it grows with the size. */
export interface Room {
  /** Most MiB of a container. */
  storage: number;
  logs: number;
  traces: number;
  collector: number;
  errors: number;
  /** Of the runtime's database: MiB of shared buffers, and connections that it accepts. */
  runtime: { sharedBuffers: number; maxConnections: number };
}

export const usualRoom: Room = {
  storage: 512,
  logs: 640,
  traces: 720,
  collector: 440,
  errors: 1200,
  runtime: { sharedBuffers: 128, maxConnections: 200 },
};
