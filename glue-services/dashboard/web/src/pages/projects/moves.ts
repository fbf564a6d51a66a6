import type { Status } from "./statuses.ts";

/** Where a task is to go: into a column, before another one or at its end. */
export interface Move {
  id: string;
  status: Status;
  before: string | null;
}

/** The list as it will be. */
export function moved<Task extends Pick<Move, "id" | "status">>(tasks: Task[], { id, status, before }: Move): Task[] {
  const task = tasks.find((one) => one.id === id);
  const others = tasks.filter((one) => one.id !== id);
  if (!task) return others;
  const at = before === null ? others.length : others.findIndex((one) => one.id === before);
  return others.toSpliced(at === -1 ? others.length : at, 0, { ...task, status });
}
