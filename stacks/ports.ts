/** The public port is the first of a block of twenty; every inner one is counted from it. */
export function portsFrom(first: number) {
  return {
    platform: first + 1,
    postgres: first + 2,
    code: first + 3,
    metrics: first + 4,
    storage: {
      s3: first + 5,
      s3Grpc: first + 6,
      master: first + 7,
      masterGrpc: first + 8,
      volume: first + 9,
      volumeGrpc: first + 10,
      filer: first + 11,
      filerGrpc: first + 12,
      metrics: first + 13,
    },
    proxyMetrics: first + 14,
  };
}
