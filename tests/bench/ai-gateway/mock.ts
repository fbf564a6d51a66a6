/** A provider that answers at once, or streams 64 words, one every `MOCK_EVERY` milliseconds. Says its address. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const every = Number(process.env.MOCK_EVERY ?? 50);
const answer = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1,
    model: "small",
    choices: [{ index: 0, message: { role: "assistant", content: "word ".repeat(100) }, finish_reason: "stop" }],
    usage: { prompt_tokens: 30, completion_tokens: 100, total_tokens: 130 },
  }),
);
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1, model: "small", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const word = chunk({ content: "word " });
const usage = `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1, model: "small", choices: [], usage: { prompt_tokens: 30, completion_tokens: 64, total_tokens: 94 } })}\n\n`;

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    if (!/"stream":\s*true/.test(body)) {
      response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
      return response.end(answer);
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    let left = 64;
    const timer = setInterval(() => {
      if (left-- > 0) return void response.write(word);
      clearInterval(timer);
      response.end(`${chunk({}, "stop")}${body.includes("include_usage") ? usage : ""}data: [DONE]\n\n`);
    }, every);
    response.on("close", () => clearInterval(timer));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
