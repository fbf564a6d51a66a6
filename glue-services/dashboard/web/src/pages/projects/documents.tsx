import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty, Failure } from "../../parts/answers.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useForm } from "../../parts/form.ts";
import { Icon } from "../../parts/icon.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { useSubjects } from "../hub/subjects.ts";
import { type Document, documentsQuery, versionsQuery } from "./queries.ts";

const columns: Column<Document>[] = [
  { id: "title", title: "Document", value: ({ title }) => title },
  { id: "version", title: "Version", align: "right", value: ({ version }) => version },
  {
    id: "changed",
    title: "Changed",
    value: ({ changedAt }) => changedAt,
    cell: ({ changedAt }) => <Ago at={changedAt} />,
  },
];

/** A project's documents; each opens beside them, with its versions. */
export function Documents({ project }: { project: string }) {
  const query = useQuery(documentsQuery(project));
  const write = useMay("projects:write");
  const [open, setOpen] = useAddress("document");
  const [making, make] = useState(false);
  const button = write && (
    <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => make(true)}>
      New document
    </Button>
  );
  return (
    <Answer query={query}>
      {(documents) => {
        const opened = documents.find(({ id }) => id === open);
        return (
          <>
            {documents.length === 0 ? (
              <Empty title="No document yet" action={button}>
                Designs, notes and plans that people and agents write; every version is kept.
              </Empty>
            ) : (
              <>
                <div className="row end">{button}</div>
                <DataTable
                  name="documents"
                  plain
                  columns={columns}
                  rows={documents}
                  id={({ id }) => id}
                  onOpen={({ id }) => setOpen(id, { push: true })}
                  open={open}
                  openKey="document"
                />
              </>
            )}
            {opened && (
              <DocumentPanel key={`${open} ${opened.version}`} document={opened} onClose={() => setOpen(undefined)} />
            )}
            {making && <NewDocument project={project} onClose={() => make(false)} />}
          </>
        );
      }}
    </Answer>
  );
}

function DocumentPanel({ document, onClose }: { document: Document; onClose: () => void }) {
  const client = useQueryClient();
  const write = useMay("projects:write");
  const [content, setContent] = useState(document.content);
  const [editing, edit] = useState(false);
  const { nameOf } = useSubjects();
  const versions = useQuery(versionsQuery(document));
  const refresh = () => client.invalidateQueries({ queryKey: ["projects", document.project, "documents"] });
  const save = useMutation({
    mutationFn: () =>
      call(`/api/knowledge/documents/${document.id}`, {
        method: "PATCH",
        body: { content, version: document.version },
      }),
    onSuccess: refresh,
  });
  const restore = useMutation({
    mutationFn: (version: number) =>
      call(`/api/knowledge/documents/${document.id}/versions/${version}/restore`, { method: "POST" }),
    onSuccess: refresh,
  });
  return (
    <SidePanel title={document.title} opened onClose={onClose}>
      <div className="stack">
        {write && (
          <SegmentedControl
            size="xs"
            aria-label="Preview or edit"
            className="self-start"
            data={["Preview", "Edit"]}
            value={editing ? "Edit" : "Preview"}
            onChange={(next) => edit(next === "Edit")}
          />
        )}
        {!editing && (content === "" ? <p className="quiet">Empty so far.</p> : <Markdown>{content}</Markdown>)}
        {editing && (
          <Textarea
            label="Text"
            description="Markdown."
            autosize
            minRows={12}
            maxRows={30}
            value={content}
            onChange={(event) => setContent(event.currentTarget.value)}
            readOnly={!write}
          />
        )}
        {content !== document.content && !editing && <p className="quiet">Not saved yet.</p>}
        {save.isError && <Failure error={save.error} />}
        {write && (
          <div className="row end">
            <Button onClick={() => save.mutate()} loading={save.isPending} disabled={content === document.content}>
              Save as version {document.version + 1}
            </Button>
          </div>
        )}
        <h3>Versions</h3>
        {restore.isError && <Failure error={restore.error} />}
        <Answer query={versions}>
          {(list) => (
            <ol className="versions">
              {list.map(({ version, note, madeAt, madeBy }) => (
                <li key={version}>
                  <span>
                    {version} <span className="quiet">{note}</span> {madeBy && `by ${nameOf(madeBy)}, `}
                    <Ago at={madeAt} />
                  </span>
                  {write && version !== document.version && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => restore.mutate(version)}
                      aria-label={`Restore version ${version}`}
                    >
                      Restore
                    </Button>
                  )}
                </li>
              ))}
            </ol>
          )}
        </Answer>
      </div>
    </SidePanel>
  );
}

const Given = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 200 }),
  content: Type.String({ maxLength: 500_000 }),
});

function NewDocument({ project, onClose }: { project: string; onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm(Given, { title: "", content: "" }, async (body) => {
    await call(`/api/knowledge/projects/${project}/documents`, { method: "POST", body });
    await client.invalidateQueries({ queryKey: documentsQuery(project).queryKey });
    onClose();
  });
  return (
    <Dialog opened onClose={onClose} title="New document">
      <form className="stack" onSubmit={form.submit} noValidate>
        <TextInput label="Title" required data-autofocus {...form.field("title")} />
        <Textarea label="Text" description="Markdown." autosize minRows={8} maxRows={20} {...form.field("content")} />
        {form.failure && <Failure error={form.failure} />}
        <div className="row end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.busy}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
