import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Hosts of a Vespa of several nodes, by what runs on them, as they know themselves. */
export interface VespaHosts {
  /** Configuration servers, an odd number; the cluster's controllers and its name service run there too. */
  config: readonly string[];
  /** What takes queries and documents. */
  container: readonly string[];
  /** What keeps documents. */
  content: readonly string[];
}

/** The application package of this checkout: path in it to its text. Without hosts it is for one node. */
export function applicationPackage(cluster?: {
  hosts: VespaHosts;
  redundancy: number;
  heap: number;
}): Record<string, string> {
  const folder = fileURLToPath(new URL("../../../configs/vespa/", import.meta.url));
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  const files = Object.fromEntries(paths.sort().map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
  if (!cluster) return files;
  return {
    ...files,
    "hosts.xml": hostsXml(cluster.hosts),
    "services.xml": servicesXml(cluster, files["services.xml"] ?? ""),
  };
}

const head = '<?xml version="1.0" encoding="utf-8" ?>\n';

function hostsXml(hosts: VespaHosts): string {
  const lines = Object.entries(hosts).flatMap(([role, names]: [string, readonly string[]]) =>
    names.map((name, at) => `  <host name="${name}">\n    <alias>${role}${at}</alias>\n  </host>\n`),
  );
  return `${head}<hosts>\n${lines.join("")}</hosts>\n`;
}

/** What documents there are is said once, by the package for one node. */
function servicesXml(
  { hosts, redundancy, heap }: { hosts: VespaHosts; redundancy: number; heap: number },
  single: string,
): string {
  const documents = /<documents>[\s\S]*<\/documents>/.exec(single)?.[0];
  if (!documents) throw new Error("configs/vespa/services.xml names no documents");
  const each = (role: keyof VespaHosts, line: (alias: string, at: number) => string) =>
    hosts[role].map((_name, at) => line(`${role}${at}`, at)).join("\n");
  return `${head}<services version="1.0">
  <admin version="2.0">
    <configservers>
${each("config", (alias) => `      <configserver hostalias="${alias}"/>`)}
    </configservers>
    <cluster-controllers>
${each("config", (alias) => `      <cluster-controller hostalias="${alias}" jvm-options="-Xms64m -Xmx128m"/>`)}
    </cluster-controllers>
    <slobroks>
${each("config", (alias) => `      <slobrok hostalias="${alias}"/>`)}
    </slobroks>
    <adminserver hostalias="config0"/>
  </admin>
  <container id="default" version="1.0">
    <document-api/>
    <search/>
    <accesslog type="disabled"/>
    <nodes>
      <jvm options="-Xms${heap}m -Xmx${heap}m"/>
${each("container", (alias) => `      <node hostalias="${alias}"/>`)}
    </nodes>
  </container>
  <content id="knowledge" version="1.0">
    <min-redundancy>${redundancy}</min-redundancy>
    ${documents}
    <nodes>
${each("content", (alias, at) => `      <node hostalias="${alias}" distribution-key="${at}"/>`)}
    </nodes>
  </content>
</services>
`;
}
