import { Gauge } from "prom-client";
import type { App } from "../../kit/index.ts";
import type { ComponentStatus, Status } from "../schemas.ts";

/** Measures every component as the supervisor sees it, so that Prometheus keeps what programs do not say of themselves. */
export function measureComponents(app: App, read: () => Promise<Status>): void {
  const gauge = (name: string, help: string, value: (component: ComponentStatus) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ["component"],
      registers: [app.metrics],
      async collect() {
        const { components } = await read();
        // One that is gone must not keep its last value for ever.
        this.reset();
        for (const component of components) {
          const measured = value(component);
          if (measured !== null) this.set({ component: component.name }, measured);
        }
      },
    });
  gauge("devflow_component_memory_bytes", "Resident memory of a component's processes.", ({ memory }) => memory);
  gauge("devflow_component_cpu_percent", "Processor time of a component, in percent of one core.", ({ cpu }) => cpu);
}
