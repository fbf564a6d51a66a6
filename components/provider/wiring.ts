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
