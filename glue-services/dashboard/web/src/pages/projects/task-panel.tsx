import { Button, MultiSelect, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failure } from "../../parts/answers.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { AssigneeSelect } from "./assignee-select.tsx";
import { changeTask, type Task, tasksQuery } from "./queries.ts";
import { statuses } from "./statuses.ts";
import { TaskActivity } from "./task-activity.tsx";

const priorities = ["low", "medium", "high", "critical"];

/** All of a task, to read and to change. A change of what somebody else changed meanwhile is refused, and stays typed. */
export function TaskPanel({ task, tasks, onClose }: { task: Task; tasks: readonly Task[]; onClose: () => void }) {
  const client = useQueryClient();
  const write = useMay("projects:write");
  const [draft, setDraft] = useState(task);
  const set = (change: Partial<Task>) => setDraft((before) => ({ ...before, ...change }));
  const refresh = () => client.invalidateQueries({ queryKey: tasksQuery(task.project).queryKey });
  const save = useMutation({
    mutationFn: () => {
      const { title, description, status, priority, labels, assignee, due, needs, version } = draft;
      return changeTask(task.id, { title, description, status, priority, labels, assignee, due, needs, version });
    },
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const [removing, remove] = useState(false);
  const others = tasks.filter(({ id }) => id !== task.id).map(({ id, title }) => ({ value: id, label: title }));
  const labels = [...new Set(tasks.flatMap((one) => one.labels))].sort();
  return (
    <SidePanel title="Task" opened onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label="Title"
          maxLength={200}
          value={draft.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          readOnly={!write}
        />
        <Textarea
          label="Description"
          autosize
          minRows={4}
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          readOnly={!write}
        />
        <div className="row fields">
          <Select
            label="Status"
            data={statuses.map(([value, label]) => ({ value, label }))}
            value={draft.status}
            onChange={(next) => next && set({ status: next as Task["status"] })}
            allowDeselect={false}
            disabled={!write}
          />
          <Select
            label="Priority"
            data={priorities}
            value={draft.priority}
            onChange={(next) => next && set({ priority: next as Task["priority"] })}
            allowDeselect={false}
            disabled={!write}
          />
        </div>
        <div className="row fields">
          <AssigneeSelect
            value={draft.assignee}
            tasks={tasks}
            onChange={(assignee) => set({ assignee })}
            disabled={!write}
          />
          <TextInput
            label="Due"
            type="date"
            max="9999-12-31"
            value={draft.due ?? ""}
            onChange={(event) => set({ due: event.currentTarget.value || null })}
            readOnly={!write}
          />
        </div>
        <TagsInput
          label="Labels"
          data={labels}
          value={draft.labels}
          onChange={(next) => set({ labels: next })}
          maxTags={20}
          readOnly={!write}
          clearable
        />
        <MultiSelect
          label="Blocked by"
          data={others}
          value={draft.needs}
          onChange={(needs) => set({ needs })}
          searchable
          clearable
          disabled={!write}
        />
        <p className="quiet">
          Changed <Ago at={task.changedAt} />
        </p>
        {save.isError && <Failure error={save.error} />}
        {write && (
          <div className="row between">
            <Button variant="default" onClick={() => remove(true)}>
              Delete
            </Button>
            <Button type="submit" loading={save.isPending} disabled={draft.title.trim() === ""}>
              Save
            </Button>
          </div>
        )}
      </form>
      <TaskActivity task={task} />
      {removing && (
        <Confirm
          opened
          onClose={() => remove(false)}
          title={`Delete “${task.title}”?`}
          action="Delete"
          run={async () => {
            await call(`/api/knowledge/tasks/${task.id}`, { method: "DELETE" });
            await refresh();
            onClose();
          }}
        >
          Its comments go with it. The audit log keeps that it was there.
        </Confirm>
      )}
    </SidePanel>
  );
}
