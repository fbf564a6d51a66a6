import * as grpc from "@grpc/grpc-js";

/** A gRPC server on a free port of the loopback interface. */
export interface Served {
  /** `127.0.0.1:<port>` */
  address: string;
  port: number;
  close(): Promise<void>;
}

/** Messages may be large: a deployment's properties travel in one. */
const options = { "grpc.max_receive_message_length": 400 * 2 ** 20 };

type Handlers = grpc.UntypedServiceImplementation;

export async function serve(services: [grpc.ServiceDefinition, Handlers][]): Promise<Served> {
  const server = new grpc.Server(options);
  for (const [definition, handlers] of services) server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    port,
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}
