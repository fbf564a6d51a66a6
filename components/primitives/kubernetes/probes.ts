import { type Output, output } from "@pulumi/pulumi";
import type { Everywhere, WorkloadArgs } from "../workload/index.ts";
import { portName } from "./ports.ts";

const every = 5;

/** When a pod has started, when it gets calls, and when it is beyond help. */
export function probes({ health, startTimeout = 60_000 }: WorkloadArgs, at: Everywhere) {
  const action = actionOf();
  const patience = Math.ceil(startTimeout / 1000 / every);
  return {
    startupProbe: { ...action, periodSeconds: every, timeoutSeconds: 3, failureThreshold: patience },
    readinessProbe: { ...action, periodSeconds: every, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...alive(), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
  };

  function actionOf() {
    if (typeof health === "function") return { exec: { command: output(health(at)) as Output<string[]> } };
    if ("tcp" in health) return { tcpSocket: { port: portName(health.tcp) } };
    return { httpGet: { path: health.http, port: portName(health.port) } };
  }

  /** Health may depend on others, such as the database: starting anew because of them would make it worse. */
  function alive() {
    if (typeof health === "function" || "tcp" in health) return action;
    return { tcpSocket: { port: portName(health.port) } };
  }
}
