/** Tokens of one picture, and of one file: about what they usually take. */
const perImage = 1000;
const perFile = 1500;
/** Characters that are counted exactly; of what is longer the rest is taken to be alike. */
const exact = 200_000;
/** Fields that no model reads as text. */
const aside = new Set(["type", "id", "tool_use_id", "media_type", "signature", "cache_control", "role", "model"]);

/** Tokens of a request's texts by OpenAI's encoding o200k: near what other makers' encodings give, not equal to it. */
export async function countTokens({ system, messages, tools }: Record<string, unknown>): Promise<number> {
  const { countTokens: count } = await import("gpt-tokenizer/encoding/o200k_base");
  const texts: string[] = [];
  let other = 0;
  take([system, messages, tools]);
  const text = texts.join("\n");
  const counted = count(text.slice(0, exact), { disallowedSpecial: new Set() });
  const all = text.length > exact ? Math.ceil(counted * (text.length / exact)) : counted;
  // Each message has a role and marks around it.
  return all + other + (Array.isArray(messages) ? messages.length * 4 : 0);

  function take(value: unknown): void {
    if (typeof value === "string") texts.push(value);
    else if (Array.isArray(value)) value.forEach(take);
    else if (typeof value === "object" && value !== null) takeObject(value as Record<string, unknown>);
  }

  function takeObject(value: Record<string, unknown>): void {
    if (value.type === "image") other += perImage;
    else if (value.type === "document" && (value.source as { type?: unknown } | null)?.type !== "text")
      other += perFile;
    else {
      for (const [name, field] of Object.entries(value)) {
        if (aside.has(name)) continue;
        // A schema's names are read too.
        if (name === "input_schema" || name === "input") texts.push(JSON.stringify(field));
        else take(field);
      }
    }
  }
}
