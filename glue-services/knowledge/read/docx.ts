import JSZip from "jszip";
import mammoth from "mammoth";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { ApiError } from "../../kit/api-error.ts";
import { withLinearFormulas } from "./docx/omml.ts";
import { markdown } from "./html.ts";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

/** What a document may hold once it is unpacked. */
export const docxLimits = { entries: 2000, bytes: 64 * 1024 * 1024 };

/** @throws ApiError INVALID for what is no document, or a bomb */
export async function readDocx(bytes: Uint8Array, name: string): Promise<ReadText> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { formulas, objects } = await weigh(buffer, name);
  const { value, messages } = await mammoth
    .convertToHtml({ buffer: await withText(buffer, formulas, name) }, { includeEmbeddedStyleMap: false })
    .catch((error: unknown) => {
      throw broken(name, error);
    });
  const content = markdown(value.replace(/<img[^>]*>/g, ""));
  const heading = /^#+ (.+)$/m.exec(content)?.[1];
  return {
    title: heading ?? name,
    content,
    form: "markdown",
    language: languageOf(content),
    notes: [...lost(messages), ...unread(objects)],
  };
}

/** What of a document the reader passed over; styles that it does not know lose no text. */
function lost(messages: readonly { message: string }[]): string[] {
  const ignored = messages
    .map(({ message }) => /element was ignored: (?:\{[^}]*\}|m:)?(\S+)/.exec(message)?.[1])
    .filter((one) => one && one !== "OLEObject");
  const names = [...new Set(ignored)];
  return names.length > 0 ? [`Not read of it: ${names.slice(0, 10).join(", ")}.`] : [];
}

/** Objects that another program made, by that program: formulas of Word before 2007 are such. */
function unread(objects: readonly string[]): string[] {
  const formulas = objects.filter((one) => /^Equation|^MathType/i.test(one)).length;
  const others = [...new Set(objects.filter((one) => !/^Equation|^MathType/i.test(one)))].slice(0, 10);
  return [
    ...(formulas > 0
      ? [
          `${formulas} formulas of an old equation editor were not read: convert them in Word (Office Math) and save it again.`,
        ]
      : []),
    ...(others.length > 0 ? [`Embedded objects were not read: ${others.join(", ")}.`] : []),
  ];
}

/** The document with its formulas as text: what turns it into HTML knows none. */
async function withText(buffer: Buffer, formulas: ReadonlyMap<string, Buffer>, name: string): Promise<Buffer> {
  if (formulas.size === 0) return buffer;
  const zip = await JSZip.loadAsync(buffer).catch((error: unknown) => {
    throw broken(name, error);
  });
  for (const [part, bytes] of formulas) zip.file(part, withLinearFormulas(bytes.toString("utf8")));
  // Stored as it is: it is unpacked at once.
  return zip.generateAsync({ type: "nodebuffer", compression: "STORE" });
}

/**
 * Unpacks every entry into nothing, counting: the sizes that an archive tells may be lies, so none is believed before a
 * library takes all of it into memory.
 *
 * @returns its parts that have formulas, and the programs that made what is embedded in it
 */
async function weigh(buffer: Buffer, name: string): Promise<{ formulas: Map<string, Buffer>; objects: string[] }> {
  const formulas = new Map<string, Buffer>();
  const objects: string[] = [];
  const zip = await open(buffer, name);
  let entries = 0;
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on("error", (error: Error) => reject(broken(name, error)));
    zip.on("end", () => resolve());
    zip.on("entry", (entry: Entry) => {
      if (++entries > docxLimits.entries || entry.uncompressedSize > docxLimits.bytes) return reject(bomb(name));
      if (entry.fileName.endsWith("/")) return zip.readEntry();
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(broken(name, error));
        const parts: Buffer[] = [];
        const kept = /^word\/[^/]+\.xml$/.test(entry.fileName);
        stream.on("data", (part: Buffer) => {
          if (kept) parts.push(part);
          bytes += part.length;
          if (bytes > docxLimits.bytes) {
            stream.destroy();
            reject(bomb(name));
          }
        });
        stream.on("error", (fault: Error) => reject(broken(name, fault)));
        stream.on("end", () => {
          const whole = Buffer.concat(parts);
          if (whole.includes("oMath")) formulas.set(entry.fileName, whole);
          if (whole.includes("OLEObject"))
            for (const [, made = ""] of whole
              .toString("utf8")
              .matchAll(/OLEObject\b[^<>]{0,2000}?ProgID="([\w.-]{1,80})"/g))
              objects.push(made);
          zip.readEntry();
        });
      });
    });
    zip.readEntry();
  }).finally(() => zip.close());
  return { formulas, objects };
}

function open(buffer: Buffer, name: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // Names that lead out of the archive are refused by the library.
    fromBuffer(buffer, { lazyEntries: true, validateEntrySizes: true, decodeStrings: true }, (error, zip) =>
      error ? reject(broken(name, error)) : resolve(zip),
    );
  });
}

function bomb(name: string): ApiError {
  return new ApiError("TOO_LARGE", `${name} unpacks to more than ${docxLimits.bytes / 1024 / 1024} MiB.`, {
    hint: "Save it again without its pictures, or in parts.",
  });
}

function broken(name: string, cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError("INVALID", `${name} is no Word document that can be read.`, {
    hint: "Open it in a word processor and save it again as .docx.",
    cause,
  });
}
