import { linesOf } from "./bytes.ts";
import { objectName } from "./make.ts";
import { idsOf, openFile, type Reader } from "./read.ts";
import { recordsOf, removeCopy } from "./record.ts";

const day = 86_400_000;

/**
 * Removes the copies of a name that are older than their days, and what was cut off in the middle. The newest stays
 * whatever its age, and so does every object that a copy names which stays.
 */
export async function prune(reader: Reader, copy: string, keepDays: number, now: Date): Promise<{ removed: string[] }> {
  const all = await recordsOf(reader.store, copy);
  const kept = all.filter(({ record }, index) => isYoung(record.started) || index === all.length - 1);
  const old = all.filter((one) => !kept.includes(one));
  for (const one of old) {
    if (one.record.kind === "buckets") await removeObjects(reader, copy, one, kept);
    await removeCopy(reader.store, one.folder);
  }
  await removeRests(all.map(({ folder }) => folder));
  return { removed: old.map(({ folder }) => folder) };

  function isYoung(started: string): boolean {
    return Date.parse(started) > now.getTime() - keepDays * day;
  }

  /** A copy that takes two days is none that anybody waits for. */
  async function removeRests(whole: string[]): Promise<void> {
    const rests = new Set<string>();
    for await (const { name, modified } of reader.store.list(`${copy}/`)) {
      const folder = name.split("/").slice(0, 2).join("/");
      if (folder === `${copy}/objects` || whole.includes(folder)) continue;
      if (modified.getTime() < now.getTime() - 2 * day) rests.add(name);
    }
    for (const name of rests) await reader.store.remove(name);
  }
}

/** Objects that nothing names any more which stays. */
async function removeObjects(
  reader: Reader,
  copy: string,
  old: Awaited<ReturnType<typeof recordsOf>>[number],
  kept: Awaited<ReturnType<typeof recordsOf>>,
): Promise<void> {
  const gone = await idsOf(reader, old);
  for (const one of kept) {
    for await (const id of linesOf(openFile(reader, one, "ids"))) gone.delete(id);
  }
  for (const id of gone) await reader.store.remove(objectName(copy, id));
}
