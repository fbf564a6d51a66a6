import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { Reach } from "./reach/index.ts";
import { type PostgresServer, token } from "./resources.ts";

/** A program's HTTP API as other workloads reach it. */
export interface ApiInput {
  /** `http://host:port` */
  url: Input<string>;
  reach: Input<Reach>;
  /** Component whose logs say more when it refuses. */
  component: string;
}

/** Where Docker's engine keeps what containers write. */
export class EngineLogs extends CustomResource {
  declare readonly folder: Output<string>;

  constructor(name: string, args: { host?: Input<string> }, options: CustomResourceOptions) {
    super(token("EngineLogs"), name, { ...args, folder: undefined }, options);
  }
}

/** A project of the error tracker, in its organisation. */
export class GlitchtipProject extends CustomResource {
  /** What an app sends its errors by. */
  declare readonly dsn: Output<string>;

  constructor(
    name: string,
    args: {
      server: { api: ApiInput; email: Input<string>; password: Input<string> };
      organisation: Input<string>;
      project: Input<string>;
      platform?: Input<string>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("GlitchtipProject"), name, { ...args, dsn: undefined }, options);
  }
}

interface GrafanaServer {
  api: ApiInput;
  user: Input<string>;
  password: Input<string>;
}

/** A source of data that Grafana's dashboards name by its uid. */
export class GrafanaDataSource extends CustomResource {
  constructor(
    name: string,
    args: {
      server: GrafanaServer;
      uid: Input<string>;
      name: Input<string>;
      type: Input<string>;
      url: Input<string>;
      isDefault: Input<boolean>;
      jsonData: Input<Record<string, unknown>>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("GrafanaDataSource"), name, args, options);
  }
}

/** A dashboard of ours in Grafana. */
export class GrafanaDashboard extends CustomResource {
  constructor(
    name: string,
    args: {
      server: GrafanaServer;
      uid: Input<string>;
      folder: Input<{ uid: string; title: string }>;
      model: Input<object>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("GrafanaDashboard"), name, args, options);
  }
}

/** A role of a PostgreSQL server that logs in, made a member of others. */
export class PostgresRole extends CustomResource {
  declare readonly user: Output<string>;

  constructor(
    name: string,
    args: {
      server: Input<PostgresServer>;
      name: Input<string>;
      password: Input<string>;
      /** @example ["pg_monitor"] */
      memberOf: Input<string[]>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("PostgresRole"), name, { ...args, user: undefined }, options);
  }
}

/** A certificate that is its own authority, and its key. */
export class SelfSignedCertificate extends CustomResource {
  declare readonly certificate: Output<string>;
  declare readonly key: Output<string>;

  constructor(name: string, args: { name: Input<string> }, options: CustomResourceOptions) {
    super(
      token("SelfSignedCertificate"),
      name,
      { ...args, certificate: undefined, key: undefined },
      { additionalSecretOutputs: ["key"], ...options },
    );
  }
}

/** Keys of a Supabase project: what tokens are signed with, and the two API keys. */
export class SupabaseKeys extends CustomResource {
  declare readonly publishable: Output<string>;
  declare readonly secret: Output<string>;
  declare readonly anonToken: Output<string>;
  declare readonly serviceToken: Output<string>;
  declare readonly signingKeys: Output<string>;
  declare readonly verifyingKeys: Output<string>;

  constructor(name: string, args: { name: Input<string>; jwtSecret: Input<string> }, options: CustomResourceOptions) {
    const outputs = ["publishable", "secret", "anonToken", "serviceToken", "signingKeys", "verifyingKeys"];
    const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(token("SupabaseKeys"), name, { ...args, ...unknown }, { additionalSecretOutputs: outputs, ...options });
  }
}

/** Passwords of the roles of Supabase's PostgreSQL, its inner databases and settings. */
export class SupabaseDatabase extends CustomResource {
  constructor(
    name: string,
    args: {
      server: Input<PostgresServer>;
      roles: Input<Record<string, Input<string>>>;
      schemas: Input<Record<string, string[]>>;
      settings: Input<Record<string, string>>;
    },
    options: CustomResourceOptions,
  ) {
    super(token("SupabaseDatabase"), name, args, options);
  }
}

/** An application package, deployed to Vespa; made when it answers. */
export class VespaApplication extends CustomResource {
  declare readonly url: Output<string>;
  declare readonly hash: Output<string>;

  constructor(
    name: string,
    args: { config: ApiInput; query: ApiInput; files: Input<Record<string, string>> },
    options: CustomResourceOptions,
  ) {
    super(token("VespaApplication"), name, { ...args, url: undefined, hash: undefined }, options);
  }
}

interface GiteaServer {
  api: ApiInput;
  user: Input<string>;
  password: Input<string>;
}

/** What a runner of the whole installation registers with at Gitea. */
export class GiteaRunnerToken extends CustomResource {
  declare readonly token: Output<string>;

  constructor(name: string, args: { server: GiteaServer }, options: CustomResourceOptions) {
    super(
      token("GiteaRunnerToken"),
      name,
      { ...args, token: undefined },
      { additionalSecretOutputs: ["token"], ...options },
    );
  }
}

/** A webhook that every repository of Gitea calls. */
export class GiteaWebhook extends CustomResource {
  constructor(
    name: string,
    args: { server: GiteaServer; url: Input<string>; secret: Input<string>; events: Input<string[]> },
    options: CustomResourceOptions,
  ) {
    super(token("GiteaWebhook"), name, args, options);
  }
}

/** A program that lets people in by Gitea. */
export class GiteaApplication extends CustomResource {
  declare readonly clientId: Output<string>;
  declare readonly clientSecret: Output<string>;

  constructor(
    name: string,
    args: {
      server: GiteaServer;
      name: Input<string>;
      redirectUris: Input<string[]>;
      confidential: Input<boolean>;
    },
    options: CustomResourceOptions,
  ) {
    super(
      token("GiteaApplication"),
      name,
      { ...args, clientId: undefined, clientSecret: undefined },
      { additionalSecretOutputs: ["clientSecret"], ...options },
    );
  }
}
