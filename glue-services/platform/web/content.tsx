import { Copy } from "../../dashboard/web/src/parts/command.tsx";

/** What an event says, to read and to copy. */
export function Content({ payload }: { payload: string }) {
  return (
    <>
      <h3 className="row between">
        Content <Copy value={payload} label="Copy the content" />
      </h3>
      <pre className="block">{payload}</pre>
    </>
  );
}
