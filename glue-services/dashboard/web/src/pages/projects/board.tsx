import { Button, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useMutation, useMutationState, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Answer, Failure } from "../../parts/answers.tsx";
import { type Move, moved } from "./moves.ts";
import { addTask, changeTask, type Task, tasksQuery } from "./queries.ts";
import { type Status, statuses } from "./statuses.ts";
import { cardOf, TaskCard } from "./task-card.tsx";
import { TaskPanel } from "./task-panel.tsx";

/** Tasks in four columns. Arrows go from one to another; with Alt they take along the one that has the focus. */
export function Board({ project }: { project: string }) {
  const client = useQueryClient();
  const { queryKey } = tasksQuery(project);
  const query = useQuery(tasksQuery(project));
  const write = useMay("projects:write");
  const [open, setOpen] = useAddress("task");
  const [said, say] = useState("");
  const mutationKey = ["move-task", project];
  const move = useMutation({
    mutationKey,
    mutationFn: ({ id, status, before }: Move) => changeTask(id, { status, before }),
    // One after the other, in the order in which they were made.
    scope: { id: mutationKey.join(" ") },
    // It is pending until the list is read anew.
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  // A task stands where it was put at once, whatever a list says that was read before; when the platform refuses, it goes back.
  const moves = useMutationState({
    filters: { mutationKey, status: "pending" },
    select: ({ state }) => state.variables as Move,
  });
  const order = JSON.stringify([query.data?.map(({ id, status }) => [id, status]), moves]);
  // In another column a task is another element, which takes the focus over, however often it is read anew.
  const followed = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (followed.current && document.activeElement === document.body) cardOf(followed.current)?.focus();
  }, [order]);
  useEffect(() => {
    const forget = ({ target }: Event) => {
      if (target !== cardOf(followed.current ?? "")) followed.current = undefined;
    };
    for (const event of ["focusin", "pointerdown"]) document.addEventListener(event, forget);
    return () => {
      for (const event of ["focusin", "pointerdown"]) document.removeEventListener(event, forget);
    };
  }, []);
  const adding = useRef<HTMLInputElement>(null);
  useHotkeys([["N", () => adding.current?.focus()]]);
  const go = (to: Move, title: string) => {
    move.mutate(to);
    say(`${title} is now in ${statuses.find(([id]) => id === to.status)?.[1]}.`);
  };
  return (
    <Answer query={query}>
      {(read) => {
        const tasks = moves.reduce<Task[]>(moved, read);
        return (
          <>
            {move.isError && <Failure error={move.error} />}
            <p className="visually-hidden" aria-live="polite">
              {said}
            </p>
            <div className="board">
              {statuses.map(([status, title]) => (
                <Column key={status} title={title} onDrop={(id) => drop(tasks, id, status, null)}>
                  <ul>
                    {tasks
                      .filter((one) => one.status === status)
                      .map((one) => (
                        <TaskCard
                          key={one.id}
                          task={one}
                          tasks={tasks}
                          movable={write}
                          onOpen={() => setOpen(one.id, { push: true })}
                          onMove={(to) => {
                            followed.current = to.id;
                            go(to, one.title);
                          }}
                          onDrop={(id) => drop(tasks, id, status, one.id)}
                        />
                      ))}
                  </ul>
                  {status === "todo" && write && <Add project={project} field={adding} />}
                </Column>
              ))}
            </div>
            <p className="quiet board-keys">
              Arrow keys go from task to task{write && <>, Alt and an arrow moves the task, N adds one</>}.
            </p>
            {tasks.some(({ id }) => id === open) && (
              <TaskPanel
                key={open}
                task={tasks.find(({ id }) => id === open) as Task}
                tasks={tasks}
                onClose={() => setOpen(undefined)}
              />
            )}
          </>
        );
      }}
    </Answer>
  );

  function drop(tasks: readonly Task[], id: string, status: Status, before: string | null): void {
    const task = tasks.find((one) => one.id === id);
    if (task && id !== before) go({ id, status, before }, task.title);
  }
}

function Column({
  title,
  onDrop,
  children,
}: {
  title: string;
  onDrop: (id: string) => void;
  children: React.ReactNode[] | React.ReactNode;
}) {
  const [over, setOver] = useState(false);
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onDrop(event.dataTransfer.getData("text/plain"));
  };
  return (
    <section
      className="column"
      aria-label={title}
      {...(over && { "data-over": true })}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Add({ project, field }: { project: string; field: React.Ref<HTMLInputElement> }) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const add = useMutation({
    mutationFn: () => addTask(project, { title: title.trim() }),
    onSuccess: () => {
      setTitle("");
      return client.invalidateQueries({ queryKey: tasksQuery(project).queryKey });
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim()) add.mutate();
      }}
    >
      <TextInput
        size="xs"
        ref={field}
        aria-label="New task"
        aria-keyshortcuts="N"
        placeholder="New task"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      {add.isError && <Failure error={add.error} />}
      {title.trim() && (
        <Button size="compact-xs" type="submit" loading={add.isPending}>
          Add
        </Button>
      )}
    </form>
  );
}
