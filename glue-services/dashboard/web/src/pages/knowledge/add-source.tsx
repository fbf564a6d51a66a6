import { Button, FileInput, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { call, Problem } from "../../api/call.ts";
import { organisationHeaders } from "../../organisation.ts";
import { Failure } from "../../parts/answers.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { useForm } from "../../parts/form.ts";
import { sourcesQuery } from "./queries.ts";

const Given = Type.Object({
  address: Type.String({ minLength: 3, maxLength: 2000 }),
  name: Type.String({ maxLength: 120 }),
  maxPages: Type.Integer({ minimum: 1, maximum: 50_000 }),
  refreshHours: Type.Integer({ minimum: 0, maximum: 8760 }),
});
const kinds = [
  { value: "site", label: "Site" },
  { value: "git", label: "Repository" },
  { value: "files", label: "Files" },
];
const accepted =
  ".pdf,.docx,.html,.htm,.md,.markdown,.txt,.rst,.adoc,.csv,.json,.yaml,.yml,.ts,.tsx,.js,.py,.go,.rs,.java,.sql,.sh";

/** Adds a site, a repository, or files. */
export function AddSource({
  kind,
  onKind,
  onClose,
}: {
  kind: string;
  onKind: (kind: string) => void;
  onClose: () => void;
}) {
  return (
    <Dialog opened onClose={onClose} title="Add source">
      <div className="stack">
        <SegmentedControl data={kinds} value={kind} onChange={onKind} fullWidth aria-label="Kind of source" />
        {kind === "files" ? <Upload onClose={onClose} /> : <Address key={kind} kind={kind} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Address({ kind, onClose }: { kind: string; onClose: () => void }) {
  const client = useQueryClient();
  const start = { address: "", name: "", maxPages: 500, refreshHours: kind === "site" ? 24 : 6 };
  const form = useForm(Given, start, async ({ address, name, maxPages, refreshHours }) => {
    const body = {
      kind,
      address,
      ...(name.trim() && { name }),
      refreshHours: refreshHours > 0 ? refreshHours : null,
      ...(kind === "site" && { settings: { maxPages } }),
    };
    await call("/api/knowledge/sources", { method: "POST", body });
    await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
    onClose();
  });
  return (
    <form className="stack" onSubmit={form.submit} noValidate>
      <TextInput
        label={kind === "site" ? "Address" : "Repository"}
        description={
          kind === "site"
            ? "What is below it is read, as its robots.txt allows."
            : "owner/name in this platform’s Git hosting."
        }
        placeholder={kind === "site" ? "https://example.com/docs/" : "team/handbook"}
        required
        data-autofocus
        {...form.field("address")}
      />
      <TextInput
        label="Name"
        description="What it is called here; its address if left empty."
        {...form.field("name")}
      />
      {kind === "site" && (
        <div className="row fields">
          <NumberInput
            label="Page limit"
            description="Of this site."
            min={1}
            max={50_000}
            value={form.values.maxPages}
            onChange={(next) => form.set("maxPages", Number(next) || 0)}
            error={form.errors.maxPages}
          />
          <NumberInput
            label="Refresh every (hours)"
            description="0: only when asked."
            min={0}
            max={8760}
            value={form.values.refreshHours}
            onChange={(next) => form.set("refreshHours", Number(next) || 0)}
            error={form.errors.refreshHours}
          />
        </div>
      )}
      {form.failure && <Failure error={form.failure} />}
      <div className="row end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={form.busy}>
          Add and read it
        </Button>
      </div>
    </form>
  );
}

function Upload({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [files, setFiles] = useState<File[]>([]);
  const [sent, setSent] = useState(0);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  return (
    <form
      className="stack"
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setFailure(undefined);
        try {
          for (const [at, file] of files.entries()) {
            await send(file);
            setSent(at + 1);
          }
          await client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
          onClose();
        } catch (error) {
          setFailure(error as Error);
        } finally {
          setBusy(false);
        }
      }}
    >
      <FileInput
        label="Files"
        description="PDF, Word, HTML, Markdown, text or code, 32 MiB each."
        placeholder="Choose files"
        multiple
        accept={accepted}
        value={files}
        onChange={setFiles}
      />
      {busy && <progress value={sent} max={files.length} aria-label="Uploading" />}
      {failure && <Failure error={failure} />}
      <div className="row end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={files.length === 0}>
          Upload
        </Button>
      </div>
    </form>
  );
}

async function send(file: File): Promise<void> {
  const answer = await fetch(`/api/knowledge/files?${new URLSearchParams({ name: file.name })}`, {
    method: "PUT",
    headers: { "content-type": file.type || "application/octet-stream", ...organisationHeaders() },
    body: file,
  });
  if (answer.ok) return;
  const told = (await answer.json().catch(() => undefined)) as { error?: object } | undefined;
  throw new Problem(answer.status, { message: `${file.name} was not taken.`, ...told?.error });
}
