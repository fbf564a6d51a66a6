import { ApiError } from "../../kit/index.ts";
import { keepPage } from "../store/page.ts";
import type { Progress, Reading } from "./job.ts";
import { settle } from "./run.ts";

interface Upload {
  id: string;
  entry: string;
  name: string;
  media: string;
  body: Buffer;
}

/** Reads the files that were uploaded with a run. */
export async function readUploads(reading: Reading): Promise<Progress> {
  const { knowledge, tenant, run, source, signal } = reading;
  const { database, reader, index } = knowledge;
  for (;;) {
    if (signal.aborted || performance.now() > reading.until) return { is: "more" };
    const { rows } = await database.query<Upload>(tenant, {
      text: `select u.id, f.id as entry, u.name, u.media, u.body from upload u
        join frontier f on f.run_id = u.run_id and md5(f.address) = md5(u.name) and f.state = 'waiting'
        where u.run_id = $1 order by u.id limit 1`,
      values: [run],
    });
    const [upload] = rows;
    // Other files of this source were uploaded before and stay.
    if (!upload) return { is: "done", complete: false };
    const { entry, name, media, body: bytes } = upload;
    const read = await reader.read({ bytes, media, name }, tenant.organisation).catch((error: unknown) => {
      if (error instanceof ApiError && error.code !== "UNAVAILABLE") return error;
      throw error;
    });
    await database.withTenant(tenant, async (tx) => {
      if (read instanceof ApiError) {
        await settle(tx, { run, entry, outcome: "failed", note: `${read.message} ${read.hint}` });
      } else {
        const outcome = await keepPage(tx, tenant, index, { source: source.id, run, address: name, media, read });
        await settle(tx, { run, entry, outcome, notes: read.notes });
      }
      await tx.query("delete from upload where id = $1", [upload.id]);
    });
    knowledge.tell(tenant, { source: source.id });
  }
}
