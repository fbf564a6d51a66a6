/** Ports of a Service, each with a name of at most 15 characters as Kubernetes wants it: `s3Grpc` is `s3-grpc`. */
export function servicePorts(ports: Record<string, number>) {
  return Object.entries(ports).map(([purpose, port]) => ({
    name: portName(purpose),
    port,
    targetPort: portName(purpose),
  }));
}

export function containerPorts(ports: Record<string, number>) {
  return Object.entries(ports).map(([purpose, containerPort]) => ({ name: portName(purpose), containerPort }));
}

export function portName(purpose: string): string {
  const name = purpose.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll("_", "-");
  if (!/^(?=.{1,15}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`a pod cannot have a port named ${purpose}`);
  return name;
}
