import { type KeyboardEvent, useState } from "react";
import { useSubjects } from "../hub/subjects.ts";
import { type Move, type Status, statuses } from "./board.tsx";
import type { Task } from "./queries.ts";

/** A task on the board. Alt and an arrow move it: left and right between columns, up and down within one. */
export function TaskCard({
  task,
  tasks,
  movable,
  onOpen,
  onMove,
  onDrop,
}: {
  task: Task;
  tasks: readonly Task[];
  movable: boolean;
  onOpen: () => void;
  onMove: (to: Move) => void;
  onDrop: (id: string) => void;
}) {
  const [over, setOver] = useState(false);
  const { nameOf } = useSubjects();
  const key = (event: KeyboardEvent) => {
    const to = movable && event.altKey ? aim(task, tasks, event.key) : undefined;
    if (!to) return;
    event.preventDefault();
    onMove(to);
  };
  const { title, priority, assignee, blocked, labels } = task;
  return (
    <li
      className="task"
      draggable={movable}
      {...(over && { "data-over": true })}
      onDragStart={(event) => event.dataTransfer.setData("text/plain", task.id)}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        onDrop(event.dataTransfer.getData("text/plain"));
      }}
    >
      <button
        type="button"
        onClick={onOpen}
        onKeyDown={key}
        aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown"
      >
        {title}
      </button>
      <span className="task-facts">
        <span className={priority === "high" || priority === "critical" ? "task-urgent" : undefined}>{priority}</span>
        {blocked && <span className="task-blocked">waits for others</span>}
        {assignee && <span>{assignee.kind === "agent" ? `agent ${assignee.id}` : nameOf(assignee.id)}</span>}
        {labels.map((label) => (
          <span key={label}>{label}</span>
        ))}
      </span>
    </li>
  );
}

function aim(task: Task, tasks: readonly Task[], key: string): Move | undefined {
  const order = statuses.map(([id]) => id);
  const at = order.indexOf(task.status);
  const column = tasks.filter(({ status }) => status === task.status);
  const place = column.findIndex(({ id }) => id === task.id);
  const to = (status: Status | undefined, before: string | null) => status && { id: task.id, status, before };
  if (key === "ArrowRight") return to(order[at + 1], null);
  if (key === "ArrowLeft") return to(order[at - 1], null);
  if (key === "ArrowUp" && place > 0) return to(task.status, column[place - 1]?.id ?? null);
  if (key === "ArrowDown" && place < column.length - 1) return to(task.status, column[place + 2]?.id ?? null);
  return undefined;
}
