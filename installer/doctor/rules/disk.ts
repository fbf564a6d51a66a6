import { nearestExisting } from "../../preflight/machine/folders.ts";
import { bytes } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/** Below this PostgreSQL cannot write its next segment of 16 MiB for long, and stops. */
const floor = 128 << 20;

/** A disk that is as good as full; `machine-disk` warns earlier. */
export const disk: Rule = {
  id: "disk",
  async run({ home, paths, facts }) {
    const { available } = await facts.statfs(await nearestExisting(home.home));
    if (available >= floor) return [];
    return [
      {
        id: "disk-full",
        severity: "error",
        title: `the disk of ${home.home} has only ${bytes(available)} left`,
        detail: "The database stops when it cannot write. Nothing is lost; it starts again once there is room.",
        evidence: [],
        fix: { command: `du -xsh ${paths.root}/* ${home.cache}/*   (see what takes the room)`, safe: false },
      },
    ];
  },
};
