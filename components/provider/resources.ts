import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Probe, ProcessSpec } from "./process.ts";
import type { Reach } from "./reach/index.ts";

/** Type token of one of our custom resources. */
export const token = (name: string) => `devflow:index:${name}`;

/** A program of the catalogue, brought into the machine's artifact cache. */
export class Artifact extends CustomResource {
  /** Folder of the unpacked program. */
  declare readonly path: Output<string>;

  constructor(name: string, args: { upstream: Input<string>; version: Input<string> }, options: CustomResourceOptions) {
    super(token("Artifact"), name, { ...args, path: undefined }, options);
  }
}

/** The glue services of this checkout, with the Node that runs them. */
export class Checkout extends CustomResource {
  declare readonly root: Output<string>;
  declare readonly node: Output<string>;
  /** Changes with the services' source, so that they are started anew after an update. */
  declare readonly hash: Output<string>;
  declare readonly version: Output<string>;

  constructor(name: string, args: { folders: Input<string[]> }, options: CustomResourceOptions) {
    super(
      token("Checkout"),
      name,
      { ...args, root: undefined, node: undefined, hash: undefined, version: undefined },
      options,
    );
  }
}

/** The dashboard's pages, built from this checkout. */
export class WebBuild extends CustomResource {
  /** Folder of the builds, one for each state of the sources. */
  declare readonly path: Output<string>;

  constructor(name: string, args: { hash: Input<string> }, options: CustomResourceOptions) {
    super(token("WebBuild"), name, { ...args, path: undefined, built: undefined }, options);
  }
}

/** A folder for data that outlives its process. Kept when its component is switched off. */
export class Volume extends CustomResource {
  declare readonly path: Output<string>;
  /** Folder for Unix sockets, short enough for their addresses. */
  declare readonly sockets: Output<string>;

  constructor(
    name: string,
    args: { folder: Input<string>; unprivileged: Input<boolean> },
    options: CustomResourceOptions,
  ) {
    super(
      token("Volume"),
      name,
      { ...args, path: undefined, sockets: undefined },
      { retainOnDelete: true, ...options },
    );
  }
}

/** Rendered configuration files, mode 0600 in a folder of mode 0700. */
export class Files extends CustomResource {
  declare readonly path: Output<string>;
  /** SHA-256 over names and contents. */
  declare readonly hash: Output<string>;

  constructor(
    name: string,
    args: { folder: Input<string>; unprivileged: Input<boolean>; files: Input<Record<string, Input<string>>> },
    options: CustomResourceOptions,
  ) {
    super(token("Files"), name, { ...args, path: undefined, hash: undefined }, options);
  }
}

/** A process kept running by the supervisor; made when its probe has answered. */
export class Process extends CustomResource {
  declare readonly name: Output<string>;

  constructor(
    name: string,
    args: { [Key in keyof ProcessSpec]: Key extends "ready" ? Input<ProbeInput> : Input<ProcessSpec[Key]> },
    options: CustomResourceOptions,
  ) {
    super(token("Process"), name, args, options);
  }
}
export type ProbeInput = { [Key in keyof Probe]: Input<Probe[Key]> };

/** A program that runs to its end, again whenever one of its inputs changes. */
export class Command extends CustomResource {
  /** SHA-256 of standard output, never the output itself. */
  declare readonly outputHash: Output<string>;

  constructor(
    name: string,
    args: {
      command: Input<Input<string>[]>;
      env: Input<Record<string, Input<string>>>;
      cwd: Input<string>;
      /** Milliseconds. */
      timeout: Input<number>;
      /** Anything whose change must run it again. */
      triggers: Input<Input<string>[]>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("Command"), name, { ...args, outputHash: undefined }, options);
  }
}

/** A secret made once from random bytes and kept in the stack's secret store. */
export class GeneratedSecret extends CustomResource {
  declare readonly value: Output<string>;
  /** The value before, while a rotation lets both be valid; else empty. */
  declare readonly previous: Output<string>;

  constructor(
    name: string,
    args: { name: Input<string>; length: Input<number>; alphabet: Input<SecretAlphabet> },
    options: CustomResourceOptions,
  ) {
    super(
      token("GeneratedSecret"),
      name,
      { ...args, value: undefined, previous: undefined },
      { additionalSecretOutputs: ["value", "previous"], ...options },
    );
  }
}
export type SecretAlphabet = "base64url" | "hex" | "alphanumeric";

/** An initialised PostgreSQL data folder (initdb) whose superuser has the given password. */
export class PostgresCluster extends CustomResource {
  /** Folder to start the server on. */
  declare readonly dataDirectory: Output<string>;

  constructor(
    name: string,
    args: { program: Input<string>; folder: Input<string>; superuser: Input<string>; password: Input<string> },
    options: CustomResourceOptions,
  ) {
    super(token("PostgresCluster"), name, { ...args, dataDirectory: undefined }, { retainOnDelete: true, ...options });
  }
}

/** How to reach a PostgreSQL server as its administrator. */
export interface PostgresServer {
  host: Input<string>;
  port: Input<number>;
  user: Input<string>;
  password: Input<string>;
  reach?: Input<Reach>;
  /** Whether the way is encrypted. @default false */
  tls?: boolean;
}

/** A database with an owner role of the same name and its extensions. Kept when its component is switched off. */
export class PostgresDatabase extends CustomResource {
  declare readonly database: Output<string>;
  /** Role to log in as; changes when the password is rotated, so that the former one stays valid meanwhile. */
  declare readonly user: Output<string>;

  constructor(
    name: string,
    args: {
      server: Input<PostgresServer>;
      name: Input<string>;
      password: Input<string>;
      /** The password before, while both are to be valid; else empty. */
      previous: Input<string>;
      extensions: Input<string[]>;
      /** Whether its owner may make roles, for programs that give each of their parts one. */
      makesRoles: Input<boolean>;
      /** Most connections at a time; absent: as many as the server accepts. */
      connections?: Input<number>;
    },
    options: CustomResourceOptions,
  ) {
    super(
      token("PostgresDatabase"),
      name,
      { ...args, database: undefined, user: undefined },
      { retainOnDelete: true, ...options },
    );
  }
}

/** A bucket on an S3 server. Kept when its component is switched off. */
export class S3Bucket extends CustomResource {
  declare readonly bucket: Output<string>;

  constructor(
    name: string,
    args: {
      endpoint: Input<string>;
      accessKey: Input<string>;
      secretKey: Input<string>;
      bucket: Input<string>;
      reach?: Input<Reach>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("S3Bucket"), name, { ...args }, { retainOnDelete: true, ...options });
  }
}

/** One site of the local reverse proxy: a file in its folder of sites, loaded without a restart. */
export class ProxySite extends CustomResource {
  constructor(
    name: string,
    args: {
      /** The proxy's main configuration file, which imports every file of `sites`. */
      config: Input<string>;
      sites: Input<string>;
      /** Unix socket of the proxy's admin API. */
      admin: Input<string>;
      /** Where the proxy is in a container. */
      reach?: Input<Reach>;
      program?: Input<string>;
      site: Input<string>;
      upstream: Input<string>;
      tls: Input<string>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("ProxySite"), name, args, options);
  }
}

/** Gitea's first administrator with the given password, which a later change in Gitea itself leaves alone. */
export class GiteaAdministrator extends CustomResource {
  constructor(
    name: string,
    args: {
      url: Input<string>;
      reach?: Input<Reach>;
      program: Input<string>;
      config: Input<string>;
      workPath: Input<string>;
      username: Input<string>;
      email: Input<string>;
      password: Input<string>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("GiteaAdministrator"), name, args, options);
  }
}

/** The platform's sign-in as Gitea's own authentication source. */
export class GiteaSignOn extends CustomResource {
  constructor(
    name: string,
    args: {
      database: Input<{
        host: Input<string>;
        port: Input<number>;
        user: Input<string>;
        password: Input<string>;
        database: Input<string>;
        sslMode?: Input<"disable" | "require">;
      }>;
      reach?: Input<Reach>;
      name: Input<string>;
      discoveryUrl: Input<string>;
      clientId: Input<string>;
      clientSecret: Input<string>;
      administrators: Input<string>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("GiteaSignOn"), name, args, options);
  }
}

/** Configuration files of a container, in a volume whose name follows from them. */
export class ContainerFiles extends CustomResource {
  /** Name of the volume. */
  declare readonly volume: Output<string>;

  constructor(
    name: string,
    args: {
      host?: Input<string>;
      prefix: Input<string>;
      image: Input<string>;
      user: Input<number>;
      group: Input<number>;
      labels: Input<Record<string, Input<string>>>;
      files: Input<Record<string, Input<string>>>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("ContainerFiles"), name, { ...args, volume: undefined }, options);
  }
}

/** A volume that belongs to the user a container runs as. */
export class VolumeOwner extends CustomResource {
  constructor(
    name: string,
    args: {
      host?: Input<string>;
      volume: Input<string>;
      image: Input<string>;
      user: Input<number>;
      group: Input<number>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("VolumeOwner"), name, args, { retainOnDelete: true, ...options });
  }
}

/** A container that runs to its end, again whenever one of its inputs changes. */
export class ContainerJob extends CustomResource {
  /** SHA-256 of standard output, never the output itself. */
  declare readonly outputHash: Output<string>;

  constructor(
    name: string,
    args: {
      host?: Input<string>;
      name: Input<string>;
      image: Input<string>;
      command: Input<Input<string>[]>;
      env: Input<Record<string, Input<string>>>;
      user?: Input<string>;
      network: Input<string>;
      labels: Input<Record<string, Input<string>>>;
      memory: Input<number>;
      timeout: Input<number>;
      triggers: Input<Input<string>[]>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("ContainerJob"), name, { ...args, outputHash: undefined }, options);
  }
}

/** Made when a container answers; for images without a program that could ask from within. */
export class ContainerReady extends CustomResource {
  constructor(
    name: string,
    args: {
      reach: Input<Reach>;
      host: Input<string>;
      port: Input<number>;
      path?: Input<string>;
      timeout: Input<number>;
      instance: Input<string>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("ContainerReady"), name, args, options);
  }
}
