/** A text that was read from whatever it came as. */
export interface ReadText {
  title: string;
  /** Markdown, or the file itself where it is code or plain text. */
  content: string;
  /** How `content` is structured. */
  form: "markdown" | "code" | "text";
  /** Text search configuration. */
  language: string;
  /** What of it was not read, or not surely: sentences for whoever gave it. */
  notes?: string[];
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
export const longest = 16_000_000;

/** Ends of lines as one sign, nothing that PostgreSQL cannot keep, and no more than is kept of a page. */
export function keepable(text: string): { text: string; note?: string } {
  const whole = text
    .replaceAll("\0", "")
    .replace(/\r\n?/g, "\n")
    .replace(/^\ufeff/, "");
  if (whole.length <= longest) return { text: whole };
  return {
    text: whole.slice(0, longest).replace(/[\ud800-\udbff]$/, ""),
    note: `Only its first ${longest / 1e6} million characters of ${Math.ceil(whole.length / 1e6)} million were read. Split it.`,
  };
}
