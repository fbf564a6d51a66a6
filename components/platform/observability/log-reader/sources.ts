import type { LineSource } from "./configuration.ts";

/** Files of Docker's driver `json-file` below `folder`. Of other people's containers nothing is passed on. */
export function dockerLines(folder: string, stack: string, without: string): LineSource {
  const label = (name: string) => `attributes.docker.attrs["dev.devflow.${name}"]`;
  const ours = `attributes.docker.attrs != nil and ${label("stack")} == ${JSON.stringify(stack)}`;
  return {
    include: [`${folder}/*/*-json.log`],
    operators: [
      { type: "json_parser", parse_to: "attributes.docker", on_error: "drop_quiet" },
      { type: "filter", expr: `not (${ours}) or ${label("workload")} == ${JSON.stringify(without)}` },
      {
        type: "time_parser",
        parse_from: "attributes.docker.time",
        // As many digits after the seconds as there are.
        layout: "%Y-%m-%dT%H:%M:%SZ",
        on_error: "send_quiet",
      },
      { type: "move", from: "attributes.docker.log", to: "body" },
      { type: "move", from: "attributes.docker.stream", to: 'attributes["log.iostream"]' },
      { type: "move", from: label("component"), to: 'resource["devflow.component"]' },
      { type: "move", from: label("workload"), to: 'resource["service.name"]' },
      // The name of the container.
      { type: "move", from: "attributes.docker.attrs.tag", to: 'resource["service.instance.id"]' },
      { type: "remove", field: "attributes.docker" },
      ...wholeLines('body endsWith "\\n"'),
      { type: "add", field: "body", value: 'EXPR(trimSuffix(body, "\\n"))' },
      { type: "remove", field: 'attributes["log.file.path"]' },
    ],
  };
}

/** Files of the kubelet below `folder`: `<namespace>_<pod>_<uid>/<container>/<restarts>.log`. */
export function podLines(folder: string, namespaces: string[], components: Record<string, string>): LineSource {
  const container = 'resource["k8s.container.name"]';
  return {
    include: namespaces.map((namespace) => `${folder}/${namespace}_*/*/*.log`),
    operators: [
      { type: "container", on_error: "drop_quiet" },
      {
        type: "add",
        field: 'resource["devflow.component"]',
        value: `EXPR(get(${JSON.stringify(components)}, ${container}) ?? ${container})`,
      },
      { type: "move", from: container, to: 'resource["service.name"]' },
      { type: "move", from: 'resource["k8s.pod.name"]', to: 'resource["service.instance.id"]' },
      ...["k8s.pod.uid", "k8s.container.restart_count", "k8s.namespace.name"].map((name) => ({
        type: "remove",
        field: `resource["${name}"]`,
      })),
      { type: "remove", field: 'attributes["log.file.path"]' },
      { type: "remove", if: "attributes.logtag != nil", field: "attributes.logtag" },
    ],
  };
}

/** Docker cuts a line at 16 KiB. What a program writes on its two streams meanwhile is not mixed up. */
function wholeLines(isLast: string): object[] {
  const source = 'attributes["devflow.source"]';
  return [
    {
      type: "add",
      field: source,
      value: 'EXPR(attributes["log.file.path"] + " " + attributes["log.iostream"])',
    },
    {
      type: "recombine",
      combine_field: "body",
      combine_with: "",
      is_last_entry: isLast,
      source_identifier: source,
      max_log_size: "256KiB",
      max_batch_size: 64,
    },
    { type: "remove", field: source },
  ];
}
