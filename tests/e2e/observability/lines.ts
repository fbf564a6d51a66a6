interface About {
  time?: string;
  stream?: "stdout" | "stderr";
  stack?: string;
  workload?: string;
}

/** A line of a container's file, as Docker's driver `json-file` writes it with labels. */
export function containerLine(text: string, about: About = {}): string {
  const { time = new Date().toISOString(), stream = "stdout", stack = "devflow-box", workload = "platform" } = about;
  const attrs = {
    "dev.devflow.component": "platform",
    "dev.devflow.stack": stack,
    "dev.devflow.workload": workload,
    tag: `${stack}-${workload}`,
  };
  return `${JSON.stringify({ log: text, stream, attrs, time })}\n`;
}

/** A line of a pod's file, as the container runtime interface has it; `P` is a part of one. */
export function podLine(text: string, tag: "F" | "P" = "F", time = new Date().toISOString()): string {
  return `${time} stdout ${tag} ${text}\n`;
}

/** One measurement each of the receivers `postgresql` and `httpcheck`, of the kind and unit that their metadata says. */
export function ofReceivers(time: string): object[] {
  const point = { asInt: "7", timeUnixNano: time, startTimeUnixNano: time };
  const sum = (name: string, unit: string, isMonotonic: boolean, attributes: object[] = []) => ({
    ...{ name, unit, sum: { aggregationTemporality: 2, isMonotonic, dataPoints: [{ ...point, attributes }] } },
  });
  const gauge = (name: string, unit: string) => ({ name, unit, gauge: { dataPoints: [point] } });
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  return [
    sum("postgresql.backends", "1", false),
    sum("postgresql.commits", "1", true),
    sum("postgresql.rollbacks", "1", true),
    sum("postgresql.db_size", "By", false),
    gauge("postgresql.connection.max", "{connections}"),
    sum("httpcheck.status", "1", false, [text("http.url", "http://graph:7474/"), text("http.status_class", "2xx")]),
    gauge("httpcheck.duration", "ms"),
  ];
}
