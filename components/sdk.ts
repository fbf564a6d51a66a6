import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * The providers' SDKs by the target that needs them. Each takes long to load and an install for `local` leaves them out,
 * so a recipe asks for its own when it is called, never at import.
 */
export const sdk = {
  docker: () => require("@pulumi/docker") as typeof import("@pulumi/docker"),
  dockerBuild: () => require("@pulumi/docker-build") as typeof import("@pulumi/docker-build"),
  kubernetes: () => require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes"),
  aws: () => require("@pulumi/aws") as typeof import("@pulumi/aws"),
};
