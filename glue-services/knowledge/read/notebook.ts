import { ApiError } from "../../kit/api-error.ts";
import { languageOf } from "./language.ts";
import { titleOf } from "./markdown.ts";
import type { ReadText } from "./text.ts";

interface Cell {
  cell_type?: unknown;
  source?: unknown;
  input?: unknown;
  outputs?: unknown;
}

/** A Jupyter notebook (nbformat 3 and 4): its prose as Markdown, its code as fences. @throws ApiError INVALID */
export function readNotebook(text: string, name: string): ReadText {
  let notebook: {
    cells?: unknown;
    worksheets?: unknown;
    metadata?: Record<string, { language?: unknown; name?: unknown }>;
  };
  try {
    notebook = JSON.parse(text) ?? {};
  } catch (cause) {
    throw new ApiError("INVALID", `${name} is no notebook that can be read.`, {
      hint: "Open and save it in Jupyter.",
      cause,
    });
  }
  const sheets = Array.isArray(notebook.worksheets) ? (notebook.worksheets as { cells?: unknown }[]) : [notebook];
  const cells = sheets.flatMap((sheet) => (Array.isArray(sheet?.cells) ? (sheet.cells as Cell[]) : []));
  const language = String(
    notebook.metadata?.kernelspec?.language ?? notebook.metadata?.language_info?.name ?? "python",
  );
  const content = cells
    .flatMap((cell) => {
      const source = joined(cell?.source ?? cell?.input).trimEnd();
      if (source.trim() === "") return [];
      return cell.cell_type === "code" ? [fenced(source, language)] : [source];
    })
    .join("\n\n");
  const outputs = cells.filter((cell) => Array.isArray(cell?.outputs) && cell.outputs.length > 0).length;
  return {
    title: titleOf(content) ?? name,
    content,
    form: "markdown",
    language: languageOf(content),
    notes: outputs > 0 ? [`The results of ${outputs} of its cells were left out.`] : [],
  };
}

function joined(source: unknown): string {
  return Array.isArray(source) ? source.map(String).join("") : typeof source === "string" ? source : "";
}

function fenced(code: string, language: string): string {
  const fence = "`".repeat(Math.max(3, ...(code.match(/`{3,}/g) ?? []).map((run) => run.length + 1)));
  return `${fence}${/^[\w+#.-]*$/.test(language) ? language : ""}\n${code}\n${fence}`;
}
