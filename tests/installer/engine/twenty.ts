import type { ProgramBody } from "../../../installer/engine/index.ts";
import { fixed, Thing } from "./thing-resource.ts";

/** Twenty resources in four rows, each row made from the one before; the second version changes every kind of thing. */
export function program(version: 1 | 2): ProgramBody {
  return async () => {
    for (let i = 0; i < 4; i++) {
      const updated = new Thing(`updated-${i}`, { content: `v${version}`, password: `p${i}` });
      const base = fixed(`fixed-${i}`, { kind: `k${version}`, content: updated.file });
      // Made from what is deleted first, so they go before it.
      if (i < 2) fixed(`user-${i}`, { kind: base.kind });
      else new Thing(`kept-${i}`, { content: base.token });
      new Thing(
        `replaced-${i}`,
        { file: `replaced-${i}-v${version}`, content: base.token },
        i < 2 ? {} : { dependsOn: base },
      );
      if (version === 1) new Thing(`old-${i}`, { content: updated.token });
      else new Thing(`new-${i}`, { content: base.token });
    }
  };
}
