import { type KeyboardEvent, useState } from "react";
import { dayInWords, today } from "../../parts/day.ts";
import { Icon } from "../../parts/icon.tsx";
import { useSubjects } from "../hub/subjects.ts";
import type { Move } from "./moves.ts";
import type { Task } from "./queries.ts";
import { type Status, statuses } from "./statuses.ts";

/** The element that has the focus when a task on the board has it. */
export function cardOf(task: string): HTMLElement | null {
  return document.getElementById(`task-${task}`);
}

/** A task on the board. Arrows go to its neighbours; with Alt they move it, between columns or within its own. */
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
    if (!event.altKey) {
      const next = neighbour(task, tasks, event.key);
      if (!next || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      return cardOf(next.id)?.focus();
    }
    const to = movable ? aim(task, tasks, event.key) : undefined;
    if (!to) return;
    event.preventDefault();
    onMove(to);
  };
  const { title, priority, assignee, blocked, labels, due, comments } = task;
  const late = due !== null && task.status !== "done" && due < today();
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
        id={`task-${task.id}`}
        onClick={onOpen}
        onKeyDown={key}
        aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown"
      >
        {title}
      </button>
      <span className="task-facts">
        <span className={priority === "high" || priority === "critical" ? "task-urgent" : undefined}>{priority}</span>
        {blocked && <span className="task-blocked">waits for others</span>}
        {due && (
          <span className={late ? "task-urgent" : undefined}>
            {late ? "overdue" : "due"} {dayInWords(due)}
          </span>
        )}
        {assignee && <span>{assignee.kind === "agent" ? `agent ${assignee.id}` : nameOf(assignee.id)}</span>}
        {labels.map((label) => (
          <span key={label}>{label}</span>
        ))}
        {comments > 0 && (
          <span className="task-comments">
            <Icon name="chat" size={12} /> {comments}
            <span className="visually-hidden"> comment{comments === 1 ? "" : "s"}</span>
          </span>
        )}
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

/** The task beside, above or below: in the next column that has one, as far down as there are any. */
function neighbour(task: Task, tasks: readonly Task[], key: string): Task | undefined {
  const columns = statuses.map(([id]) => tasks.filter(({ status }) => status === id));
  const at = statuses.findIndex(([id]) => id === task.status);
  const place = columns[at]?.findIndex(({ id }) => id === task.id) ?? 0;
  if (key === "ArrowUp") return columns[at]?.[place - 1];
  if (key === "ArrowDown") return columns[at]?.[place + 1];
  const beside =
    key === "ArrowRight" ? columns.slice(at + 1) : key === "ArrowLeft" ? columns.slice(0, at).reverse() : [];
  const column = beside.find(({ length }) => length > 0);
  return column?.[Math.min(place, column.length - 1)];
}
