/** Body of a request to `/v1/chat/completions`. */
export interface ChatBody {
  model: string;
  messages: { role: string; content: string }[];
  temperature?: number;
  max_tokens?: number;
  response_format?: { type: string };
}

export const codeLanguages = ["curl", "python", "typescript"] as const;
export type CodeLanguage = (typeof codeLanguages)[number];

/**
 * A program that sends the same request with a model key from `DEVFLOW_API_KEY`.
 *
 * @param base address of the API, ending in `/v1`
 */
export function codeOf(language: CodeLanguage, base: string, body: ChatBody): string {
  const asked = body.messages.length > 0 ? body : { ...body, messages: [{ role: "user", content: "Say hello." }] };
  if (language === "curl") {
    // A single quote cannot stand in a quoted word of a shell.
    const json = JSON.stringify(asked, null, 2).replaceAll("'", "'\\''");
    return `curl ${base}/chat/completions \\
  -H "Authorization: Bearer $DEVFLOW_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${json}'
`;
  }
  if (language === "python") {
    return `# pip install openai
import os
from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(base)}, api_key=os.environ["DEVFLOW_API_KEY"])
answer = client.chat.completions.create(
${Object.entries(asked)
  .map(([name, value]) => `    ${name}=${JSON.stringify(value)},`)
  .join("\n")}
)
print(answer.choices[0].message.content)
`;
  }
  return `// npm install openai
import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${JSON.stringify(base)}, apiKey: process.env.DEVFLOW_API_KEY });
const answer = await client.chat.completions.create(${JSON.stringify(asked, null, 2)});
console.log(answer.choices[0].message.content);
`;
}
