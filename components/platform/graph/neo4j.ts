import { type ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { Product } from "../../component.ts";
import { credential } from "../../primitives/credential/index.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import type { Copies } from "../backups/copies.ts";
import type { Signals } from "../signals.ts";

/** The knowledge graph on a server of its own, on Neo4j's community edition: one server, no cluster. */
export interface Neo4jArgs {
  /** MiB of the heap, and of the cache of pages beside it. */
  heap: number;
  pageCache: number;
  /** Time of day, UTC, at which it stops for a dump, before the copies of the night. @default never */
  dumpAt?: string;
}

export interface Neo4jOutputs {
  /** Address of the Bolt protocol, for drivers. */
  url: Output<string>;
  user: string;
  /** Marked secret. */
  password: Output<string>;
  process: Output<string>;
  copies: Copies;
}

export class Neo4j extends Product<Neo4jArgs, Neo4jOutputs> {
  constructor(name: string, args: Neo4jArgs, options?: ComponentResourceOptions) {
    super("Neo4j", compose, name, args, options);
  }
}

function compose(name: string, args: Neo4jArgs, parent: ComponentResource): Neo4jOutputs {
  const { ports } = upstream("neo4j");
  const password = credential("graph/neo4j", { parent, length: 32, alphabet: "alphanumeric" });
  const server = new Workload(
    name,
    {
      program: { upstream: "neo4j" },
      data: true,
      files: (at) => ({
        "neo4j.conf": at.data().apply((data) => configuration(args, at.listen, data)),
        "user-logs.xml": logging,
        "server-logs.xml": logging,
        password: interpolate`${password}\n`,
        "start.sh": start,
      }),
      // The image's own entry point writes into folders that are read-only here.
      command: (at) => [
        "/bin/bash",
        at.config("start.sh"),
        at.config(),
        at.data(),
        at.program("bin/neo4j"),
        at.program("bin/neo4j-admin"),
        args.dumpAt ?? "",
      ],
      ports: { http: ports.http as number, bolt: ports.bolt as number },
      health: () => ["/bin/bash", "-c", answers, "health", String(ports.http)],
      // It checks and recovers its store before it listens.
      startTimeout: 300_000,
      stop: { signal: "SIGTERM", deadline: 120_000 },
      memory: args.heap + args.pageCache + overhead,
      limits: { memory: args.heap + args.pageCache + 2 * overhead, cpu: 2000 },
    },
    { parent },
  );
  const { host, name: process } = server.outputs;
  const copies: Copies =
    args.dumpAt === undefined
      ? {}
      : { [name]: { kind: "folder", process, workload: name, upstream: "neo4j", within: "dumps", fresh: 26 } };
  return { url: interpolate`bolt://${host}:${server.outputs.ports.bolt}`, user: "neo4j", password, process, copies };
}

/** MiB that Java takes beside heap and page cache: code, threads, buffers of the network. */
const overhead = 260;

/** The community edition measures nothing that Prometheus could ask for, so it is asked whether it answers. */
export function graphSignals(name: string): Signals {
  return { probes: { [name]: `http://${workloadHost(name)}:${upstream("neo4j").ports.http}/` } };
}

/**
 * The password is set once, before the first start; Neo4j's own program takes it in no other way than this. It looks for
 * how to write logs in its own folder, not beside its configuration, unless that says otherwise.
 */
const start = `set -eu
config=$1 data=$2 neo4j=$3 admin=$4 dump_at=$5
export NEO4J_CONF=/tmp/conf
mkdir -p "$NEO4J_CONF"
{
  cat "$config/neo4j.conf"
  echo "server.logs.config=$config/server-logs.xml"
  echo "server.logs.user.config=$config/user-logs.xml"
} > "$NEO4J_CONF/neo4j.conf"
[ -d "$data/databases/system" ] || "$admin" dbms set-initial-password "$(cat "$config/password")" > /dev/null
rm -f /tmp/dumping
[ -n "$dump_at" ] || exec "$neo4j" console

# The edition has no copy of a database that runs. So it stops at a time of day, writes one, and goes on: the server is a
# child of this shell, which stops it and starts it again. What copies the dump comes later.
server= ended=
trap 'ended=yes; [ -z "$server" ] || kill -TERM "$server" 2> /dev/null' TERM INT
while [ -z "$ended" ]; do
  "$neo4j" console &
  server=$!
  sleep $(( ( $(date -u -d "$dump_at" +%s) - $(date -u +%s) + 86400 ) % 86400 + 1 )) &
  clock=$!
  # Whichever ends first: the clock, the server by itself, or this shell's own end.
  wait -n "$server" "$clock" || true
  if [ -n "$ended" ] || ! kill -0 "$server" 2> /dev/null; then
    kill "$clock" 2> /dev/null || true
    status=0
    wait "$server" || status=$?
    exit "$status"
  fi
  touch /tmp/dumping
  kill -TERM "$server"
  wait "$server" || true
  [ -z "$ended" ] || exit 0
  mkdir -p "$data/dumps"
  "$admin" database dump neo4j --to-stdout > "$data/dumps/neo4j.unfinished" &&
    mv "$data/dumps/neo4j.unfinished" "$data/dumps/neo4j.dump" || echo "the dump failed" >&2
  rm -f /tmp/dumping "$data/dumps/neo4j.unfinished"
done
`;

/**
 * By HTTP, since it listens for Bolt before it serves anybody; the image has no client for it. While it is dumped it is as
 * well as it can be: nobody is to start it anew for that.
 */
const answers = `[ ! -e /tmp/dumping ] || exit 0
exec 3<> "/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
read -r -t 4 _ status _ <&3 && [ "$status" = 200 ]`;

function configuration({ heap, pageCache }: Neo4jArgs, listen: string, data: string): string {
  const { ports } = upstream("neo4j");
  return `server.default_listen_address=${listen}
server.http.listen_address=:${ports.http}
server.bolt.listen_address=:${ports.bolt}
server.directories.data=${data}
server.directories.logs=/logs
server.directories.run=/tmp
server.directories.import=/tmp
server.memory.heap.initial_size=${heap}m
server.memory.heap.max_size=${heap}m
server.memory.pagecache.size=${pageCache}m
server.jvm.additional=-XX:+ExitOnOutOfMemoryError
# Of the configuration that comes with it, which this one takes the place of.
server.jvm.additional=-XX:+UseG1GC
server.jvm.additional=-XX:-OmitStackTraceInFastThrow
server.jvm.additional=-XX:+DisableExplicitGC
server.jvm.additional=-Djdk.nio.maxCachedBufferSize=1024
server.jvm.additional=-Djdk.tls.ephemeralDHKeySize=2048
server.jvm.additional=-Djdk.tls.rejectClientInitiatedRenegotiation=true
server.jvm.additional=-Dio.netty.tryReflectionSetAccessible=true
server.jvm.additional=-Dlog4j2.disable.jmx=true
server.jvm.additional=--add-opens=java.base/java.nio=ALL-UNNAMED
server.jvm.additional=--add-opens=java.base/java.io=ALL-UNNAMED
server.jvm.additional=--add-opens=java.base/sun.nio.ch=ALL-UNNAMED
server.jvm.additional=--enable-native-access=ALL-UNNAMED
# Half a gigabyte would be reserved before the first node is stored.
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=2 days 512M
dbms.usage_report.enabled=false
dbms.security.procedures.unrestricted=
`;
}

/** All of its logs on standard output, where every target collects them. */
const logging = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR" monitorInterval="0">
  <Appenders>
    <Console name="console" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{yyyy-MM-dd HH:mm:ss.SSSZ}{GMT+0} %-5p %m%n"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="console"/></Root>
  </Loggers>
</Configuration>
`;
