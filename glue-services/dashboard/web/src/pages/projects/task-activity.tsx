import { Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Failure, Lines } from "../../parts/answers.tsx";
import { AskForm } from "../../parts/ask-form.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { useSubjects } from "../hub/subjects.ts";
import { inWords } from "./activity-words.ts";
import { type Activity, activityQuery, type Task } from "./queries.ts";

/** What happened to a task and what was said about it, and the field to say more. */
export function TaskActivity({ task }: { task: Task }) {
  const client = useQueryClient();
  const write = useMay("projects:write");
  const [text, setText] = useState("");
  const query = useQuery(activityQuery(task));
  const refresh = () => client.invalidateQueries({ queryKey: ["projects", task.project] });
  const add = useMutation({
    mutationFn: () => call(`/api/knowledge/tasks/${task.id}/comments`, { method: "POST", body: { text } }),
    onSuccess: () => {
      setText("");
      return refresh();
    },
  });
  return (
    <section className="stack panel-part" aria-label="Activity">
      <h3>Activity</h3>
      <Answer query={query} skeleton={<Lines count={2} />}>
        {(entries) => (
          <ol className="activity">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} refresh={refresh} />
            ))}
          </ol>
        )}
      </Answer>
      {write && (
        <>
          {add.isError && <Failure error={add.error} />}
          <AskForm
            label="Comment"
            value={text}
            onChange={setText}
            onSend={() => add.mutate()}
            action="Comment"
            sends="ctrl-enter"
            busy={add.isPending}
            maxLength={20_000}
            small
          />
        </>
      )}
    </section>
  );
}

function Entry({ entry, refresh }: { entry: Activity; refresh: () => Promise<void> }) {
  const { nameOf } = useSubjects();
  const { at, who, event, comment } = entry;
  const by = who.name ?? who.program ?? "Somebody";
  return (
    <li>
      <p className="quiet">
        <span className="strong">{by}</span>
        {who.name && who.program && ` by ${who.program}`} {inWords(entry, nameOf)} <Ago at={at} />
        {comment?.edited && " (edited)"}
      </p>
      {comment && <Comment comment={comment} refresh={refresh} />}
      {event === "commented" && !comment && <p className="quiet">The comment was deleted.</p>}
    </li>
  );
}

function Comment({
  comment: { id, text, own },
  refresh,
}: {
  comment: NonNullable<Activity["comment"]>;
  refresh: () => Promise<void>;
}) {
  const [draft, setDraft] = useState<string>();
  const path = `/api/knowledge/comments/${id}`;
  const save = useMutation({
    mutationFn: (next: string) => call(path, { method: "PATCH", body: { text: next } }),
    onSuccess: async () => {
      await refresh();
      setDraft(undefined);
    },
  });
  const remove = useMutation({ mutationFn: () => call(path, { method: "DELETE" }), onSuccess: refresh });
  return (
    <div className="comment">
      {draft === undefined ? (
        <Markdown>{text}</Markdown>
      ) : (
        <Textarea
          aria-label="Comment"
          autosize
          minRows={2}
          maxRows={12}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          autoFocus
        />
      )}
      {save.isError && <Failure error={save.error} />}
      {remove.isError && <Failure error={remove.error} />}
      {own && (
        <div className="row">
          {draft === undefined ? (
            <>
              <button type="button" className="link" onClick={() => setDraft(text)}>
                Edit
              </button>
              <button type="button" className="link" onClick={() => remove.mutate()} disabled={remove.isPending}>
                Delete
              </button>
            </>
          ) : (
            <>
              <button
                type="button"
                className="link"
                disabled={draft.trim() === "" || save.isPending}
                onClick={() => save.mutate(draft)}
              >
                Save comment
              </button>
              <button type="button" className="link" onClick={() => setDraft(undefined)}>
                Cancel
              </button>
            </>
          )}
        </div>
      )}
    </div>
  );
}
