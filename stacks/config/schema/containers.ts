import { Type } from "typebox";
import { byPulumi, type StackKind } from "./kinds.ts";

const onpremOnly: readonly StackKind[] = ["onprem"];

/** A registry's address, with a path below it or not; no scheme and no tag. */
const registryPattern = "^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*$";
const imagePattern =
  "^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$";

export const Images = Type.Object(
  {
    registry: Type.Optional(
      Type.String({
        title: "Registry of your own",
        description:
          "Where all images are taken from in place of the public registries; `./devflow images mirror` fills it.",
        examples: ["registry.example.com/devflow"],
        pattern: registryPattern,
        "x-allowed": "a registry's address such as registry.example.com/devflow, without a scheme",
        "x-stacks": byPulumi,
      }),
    ),
    glue: Type.Optional(
      Type.String({
        title: "Image of the glue services",
        description:
          "A built image of the platform's own services, by tag and digest. Without it onprem builds one from this checkout; clusters need it.",
        examples: ["registry.example.com/devflow/glue:0.1.0"],
        pattern: imagePattern,
        "x-allowed": "the full name of an image, such as registry.example.com/devflow/glue:0.1.0",
        "x-stacks": byPulumi,
      }),
    ),
    byDigest: Type.Boolean({
      title: "By digest only",
      description:
        "Whether images that are named by a tag alone are refused: what runs today runs tomorrow, on every node. `./devflow images lock` writes the digests down.",
      default: true,
      examples: [true, false],
      "x-stacks": ["saas", "dedicated"],
    }),
  },
  { title: "Images", description: "Where container images come from.", additionalProperties: false },
);

export const Docker = Type.Object(
  {
    host: Type.Optional(
      Type.String({
        title: "Docker engine",
        description:
          "Address of the engine, as DOCKER_HOST has it. Without it the one that the program docker speaks to: DOCKER_HOST, the context of DOCKER_CONTEXT or ~/.docker/config.json, /var/run/docker.sock, else a rootless engine's socket.",
        examples: ["unix:///run/user/1000/docker.sock", "tcp://appliance.example.com:2376"],
        pattern: "^(unix:///|tcp://|https?://)[^\\s]+$",
        "x-allowed": "unix:///path or tcp://host:port",
        "x-stacks": onpremOnly,
      }),
    ),
    innerSubnet: subnet(
      "Inner subnet",
      "Addresses of the network that all containers share and that leads nowhere. Without it Docker takes free ones.",
      "10.201.0.0/24",
    ),
    outerSubnet: subnet(
      "Outer subnet",
      "Addresses of the network by which the proxy is reached and services call others. Without it Docker takes free ones.",
      "10.201.1.0/24",
    ),
    confinedSubnet: Type.Optional(
      Type.String({
        title: "Confined subnet",
        description:
          "Addresses of the networks of what is confined: jobs, functions, databases and services that run what people wrote. Each takes a share of 30. Without it Docker takes free ones.",
        examples: ["10.201.2.0/23"],
        pattern: "^((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})/(1[2-9]|2[0-3])$",
        "x-allowed": "an IPv4 network such as 10.201.2.0/23, with 12 to 23 bits",
        "x-stacks": onpremOnly,
      }),
    ),
    outboundProxy: Type.Optional(
      Type.String({
        title: "Outbound proxy",
        description:
          "HTTP proxy by which services reach the outside. Docker's own pulls are configured with Docker itself.",
        examples: ["http://proxy.example.com:3128"],
        pattern: "^https?://[^\\s/@]+(:[0-9]+)?/?$",
        "x-allowed": "an http or https address without a name and password",
        "x-stacks": onpremOnly,
      }),
    ),
    noProxy: Type.Optional(
      Type.String({
        title: "Not by the proxy",
        description: "Hosts that are reached without the outbound proxy, with commas. The stack's own always are.",
        examples: ["git.example.com,.corp.example.com"],
        pattern: "^[^\\s,]+(,[^\\s,]+)*$",
        "x-allowed": "host names with commas between them",
        "x-stacks": onpremOnly,
      }),
    ),
    readLogs: Type.Boolean({
      title: "Read the output of containers",
      description:
        "Whether a container with Docker's folder of containers, read only, brings their output to Loki. Without it only `./devflow logs` shows it.",
      default: true,
      examples: [true, false],
      "x-stacks": onpremOnly,
    }),
    authorities: Type.Optional(
      Type.String({
        title: "Private authorities",
        description:
          "File of PEM certificates that services trust besides the public authorities. A relative path starts at this file.",
        examples: ["./company-ca.pem"],
        minLength: 1,
        "x-allowed": "path of a file",
        "x-path": true,
        "x-stacks": onpremOnly,
      }),
    ),
  },
  { title: "Docker", description: "The engine and the networks of an appliance.", additionalProperties: false },
);

function subnet(title: string, description: string, example: string) {
  return Type.Optional(
    Type.String({
      title,
      description,
      examples: [example],
      pattern: "^((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})/(1[2-9]|2[0-7])$",
      "x-allowed": "an IPv4 network such as 10.201.0.0/24, with 12 to 27 bits",
      "x-stacks": onpremOnly,
    }),
  );
}
