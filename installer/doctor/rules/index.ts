import type { Rule } from "../diagnosis.ts";
import { artifacts } from "./artifacts.ts";
import { awsLeftovers } from "./aws-leftovers.ts";
import { certificate } from "./certificate.ts";
import { disk } from "./disk.ts";
import { drift } from "./drift.ts";
import { interrupted } from "./interrupted.ts";
import { lastRun } from "./last-run.ts";
import { lock } from "./lock.ts";
import { logs } from "./logs.ts";
import { machine } from "./machine.ts";
import { modelKeys } from "./model-keys.ts";
import { names } from "./names.ts";
import { orphans } from "./orphans.ts";
import { permissions } from "./permissions.ts";
import { processes } from "./processes.ts";
import { pulumiLock } from "./pulumi-lock.ts";
import { pulumiPending } from "./pulumi-pending.ts";
import { state } from "./state.ts";
import { supervisor } from "./supervisor.ts";

/** All rules; the order is that of fixing, since a stack needs its state before its processes. */
export const rules: readonly Rule[] = [
  state,
  permissions,
  lock,
  pulumiLock,
  pulumiPending,
  interrupted,
  lastRun,
  supervisor,
  processes,
  orphans,
  drift,
  disk,
  logs,
  artifacts,
  certificate,
  modelKeys,
  names,
  awsLeftovers,
  machine,
];
