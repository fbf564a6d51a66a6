/** A text that was read from whatever it came as. */
export interface ReadText {
  title: string;
  /** Markdown, or the file itself where it is code or plain text. */
  content: string;
  /** How `content` is structured. */
  form: "markdown" | "code" | "text";
  /** Text search configuration. */
  language: string;
  /** Addresses it refers to, in the order of the page. Only of HTML. */
  links?: string[];
  /** Where the page says that it really belongs. */
  canonical?: string;
  /** Where the page sends its readers at once. */
  refresh?: string;
  /** The page asks not to be kept, or its links not to be followed. */
  noindex?: boolean;
  nofollow?: boolean;
}

/** What a reader gets. */
export interface Given {
  bytes: Uint8Array;
  /** Content type without parameters, when it is known. */
  media: string;
  /** File name or address: its end tells what the type does not. */
  name: string;
  /** Of the content type. */
  charset?: string | undefined;
}

/** Characters of one page that are kept: a novel has a million. */
export const longest = 4_000_000;

/** Decodes as the type, the text itself or (last) UTF-8 says; PostgreSQL keeps no NUL. */
export function decode({ bytes, charset }: Given): string {
  const text = decoder(bytes, charset).decode(bytes);
  return text.replaceAll("\u0000", "").replace(/\r\n?/g, "\n").slice(0, longest);
}

function decoder(bytes: Uint8Array, charset: string | undefined): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be");
  const meta = /<meta[^>]{1,200}charset=["']?([\w-]{2,30})/i.exec(
    Buffer.from(bytes.subarray(0, 2048)).toString("latin1"),
  );
  for (const label of [charset, meta?.[1]]) {
    try {
      if (label) return new TextDecoder(label);
    } catch {
      // A name that nobody knows is as good as none.
    }
  }
  return new TextDecoder("utf-8");
}
