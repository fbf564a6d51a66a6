import { onStdout } from "../terminal/io.ts";
import { table } from "../terminal/table.ts";
import { apiOf, count, type Input } from "./input.ts";

interface Model {
  id: string;
  owned_by: string;
  context_window: number | null;
  price: { input: number; output: number } | null;
}

export async function listModels(input: Input): Promise<Model[]> {
  const { io } = input;
  const { data } = await (await apiOf(input)).call<{ data: Model[] }>("GET", "/api/ai/models");
  if (io.json) return data;
  const lines = table(onStdout(io), data, [
    { title: "MODEL", value: ({ id }) => id },
    { title: "FROM", value: ({ owned_by }) => (owned_by === "devflow" ? "route" : owned_by) },
    { title: "CONTEXT", value: ({ context_window: size }) => (size === null ? "" : count(size)), align: "right" },
    { title: "$/M IN", value: ({ price }) => (price ? String(price.input) : ""), align: "right" },
    { title: "OUT", value: ({ price }) => (price ? String(price.output) : ""), align: "right" },
  ]);
  io.out(`${lines.join("\n")}\n`);
  if (!data.some(({ owned_by }) => owned_by !== "devflow" && owned_by !== "local")) {
    io.err("No provider of models yet: add one under models.providers of devflow.yaml, or in the dashboard.\n");
  }
  return data;
}
