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
