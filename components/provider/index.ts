import { artifact } from "./artifact.ts";
import { checkout } from "./checkout.ts";
import { command } from "./command.ts";
import { containerFiles } from "./container-files.ts";
import { containerJob } from "./container-job.ts";
import { containerReady } from "./container-ready.ts";
import { engineLogs } from "./engine-logs.ts";
import { files } from "./files.ts";
import { generatedSecret } from "./generated-secret.ts";
import { giteaAdministrator } from "./gitea-administrator.ts";
import { giteaSignOn } from "./gitea-sign-on.ts";
import { giteaApplication, giteaRunnerToken, giteaWebhook } from "./gitea-wiring.ts";
import { glitchtipProject } from "./glitchtip-project.ts";
import { grafanaDashboard, grafanaDataSource } from "./grafana.ts";
import { postgresCluster } from "./postgres-cluster.ts";
import { postgresDatabase } from "./postgres-database.ts";
import { postgresRole } from "./postgres-role.ts";
import type { ProviderTable } from "./provider.ts";
import { proxySite } from "./proxy-site.ts";
import { s3Bucket } from "./s3-bucket.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import { supabaseDatabase } from "./supabase-database.ts";
import { supabaseKeys } from "./supabase-keys.ts";
import { supervised } from "./supervised.ts";
import { vespaApplication } from "./vespa-application.ts";
import { volume } from "./volume.ts";
import { volumeOwner } from "./volume-owner.ts";
import { webBuild } from "./web-build.ts";

/** Every custom resource, for both engines. */
export const providers: ProviderTable = {
  "devflow:index:Artifact": artifact,
  "devflow:index:Checkout": checkout,
  "devflow:index:Command": command,
  "devflow:index:ContainerFiles": containerFiles,
  "devflow:index:ContainerJob": containerJob,
  "devflow:index:ContainerReady": containerReady,
  "devflow:index:EngineLogs": engineLogs,
  "devflow:index:Files": files,
  "devflow:index:GeneratedSecret": generatedSecret,
  "devflow:index:GiteaAdministrator": giteaAdministrator,
  "devflow:index:GiteaApplication": giteaApplication,
  "devflow:index:GiteaRunnerToken": giteaRunnerToken,
  "devflow:index:GiteaSignOn": giteaSignOn,
  "devflow:index:GiteaWebhook": giteaWebhook,
  "devflow:index:GlitchtipProject": glitchtipProject,
  "devflow:index:GrafanaDashboard": grafanaDashboard,
  "devflow:index:GrafanaDataSource": grafanaDataSource,
  "devflow:index:PostgresCluster": postgresCluster,
  "devflow:index:PostgresDatabase": postgresDatabase,
  "devflow:index:PostgresRole": postgresRole,
  "devflow:index:Process": supervised,
  "devflow:index:ProxySite": proxySite,
  "devflow:index:S3Bucket": s3Bucket,
  "devflow:index:SelfSignedCertificate": selfSignedCertificate,
  "devflow:index:SupabaseDatabase": supabaseDatabase,
  "devflow:index:SupabaseKeys": supabaseKeys,
  "devflow:index:VespaApplication": vespaApplication,
  "devflow:index:Volume": volume,
  "devflow:index:VolumeOwner": volumeOwner,
  "devflow:index:WebBuild": webBuild,
};
