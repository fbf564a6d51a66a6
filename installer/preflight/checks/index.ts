import type { Check } from "../check.ts";
import { awsAccount, awsLeftovers, awsQuotas } from "./aws.ts";
import { clock } from "./clock.ts";
import { cpu } from "./cpu.ts";
import { disk } from "./disk.ts";
import { dns } from "./dns.ts";
import { docker, dockerDisk, dockerMemory, dockerSubnets } from "./docker.ts";
import { dockerCallers, dockerShutdown } from "./docker-service.ts";
import { environment } from "./environment.ts";
import { frontDoor } from "./front-door.ts";
import { git } from "./git.ts";
import { classes, kubernetes, kubernetesBackups, operators } from "./kubernetes.ts";
import { leftovers } from "./leftovers.ts";
import { limits } from "./limits.ts";
import { loopback } from "./loopback.ts";
import { memory } from "./memory.ts";
import { names } from "./names.ts";
import { network } from "./network.ts";
import { node } from "./node.ts";
import { plugins } from "./plugins.ts";
import { ports } from "./ports.ts";
import { proxy } from "./proxy.ts";
import { temporary } from "./temporary.ts";
import { user } from "./user.ts";
import { watches } from "./watches.ts";
import { write } from "./write.ts";

/** All checks, in the order they are shown: the machine, its settings, what is on it already. */
export const checks: readonly Check[] = [
  cpu,
  memory,
  disk,
  write,
  temporary,
  limits,
  watches,
  user,
  node,
  git,
  environment,
  clock,
  loopback,
  names,
  proxy,
  network,
  dns,
  ports,
  docker,
  dockerMemory,
  dockerDisk,
  dockerSubnets,
  dockerCallers,
  dockerShutdown,
  kubernetes,
  operators,
  classes,
  frontDoor,
  kubernetesBackups,
  awsAccount,
  awsQuotas,
  awsLeftovers,
  plugins,
  leftovers,
];
