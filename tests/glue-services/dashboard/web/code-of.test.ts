import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { codeOf } from "../../../../glue-services/dashboard/web/src/pages/hub/code-of.ts";
import { renderMarkdown } from "../../../../glue-services/dashboard/web/src/parts/render-markdown.ts";
import { provider, startGateway } from "../../ai-gateway/gateway.ts";
import { says, startUpstream } from "../../ai-gateway/upstream.ts";

const content = `It's "quoted", $HOME \`id\` and \\n; é`;
const body = { model: "mock/small", messages: [{ role: "user", content }], temperature: 0.2, max_tokens: 50 };

async function start() {
  const upstream = await startUpstream(says("Hello from the mock."));
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  return { upstream, base: `${rig.url}/v1`, key: await rig.key() };
}

test("the playground's curl command sends what the playground sent, whatever stands in it", async () => {
  const { upstream, base, key } = await start();
  const answer = JSON.parse(await inShell(codeOf("curl", base, body), key));
  expect(answer.choices[0].message.content).toBe("Hello from the mock.");
  expect(upstream.got[0]?.body).toMatchObject({ messages: body.messages, temperature: 0.2 });
});

test("the playground's TypeScript runs with OpenAI's client and prints the answer", async () => {
  const { base, key } = await start();
  const code = codeOf("typescript", base, body);
  expect(code).toContain(JSON.stringify(base));
  const { default: OpenAI } = await import("openai");
  const printed: string[] = [];
  const run = new Function(
    "OpenAI",
    "process",
    "console",
    `return (async () => {${code.replace(/^import .*$/m, "")}})()`,
  );
  await run(OpenAI, { env: { DEVFLOW_API_KEY: key } }, { log: (text: string) => printed.push(text) });
  expect(printed).toEqual(["Hello from the mock."]);
});

test("the playground's Python is valid Python with the values that were set", () => {
  const code = codeOf("python", "http://localhost:4400/v1", body);
  const script =
    "import ast, json, sys; t = ast.parse(sys.stdin.read()); " +
    "c = [n for n in ast.walk(t) if isinstance(n, ast.Call) and getattr(n.func, 'attr', '') == 'create'][0]; " +
    "print(json.dumps({k.arg: ast.literal_eval(k.value) for k in c.keywords}))";
  const { stdout, stderr } = spawnSync("python3", ["-c", script], { input: code, encoding: "utf8" });
  expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual(body);
});

test.each([
  ["<img src=x onerror=alert(1)>", /<img/],
  ["[x](javascript:alert(1))", /href="javascript/i],
  ["[x](JaVaScRiPt:alert(1))", /href="javascript/i],
  ["[x](data:text/html;base64,PHNjcmlwdD4=)", /href="data/],
  ["![x](https://example.com/spy.png)", /<img/],
  ['![a"onmouseover="x](https://example.com/"onx="y)', /"\s*on\w+="/],
  ["<script>alert(1)</script>", /<script/],
  ["```html\n</code></pre><script>alert(1)</script>\n```", /<script/],
  ["<a href='javascript:x'>x</a>", /<a href='/],
])("rendered Markdown runs nothing and loads nothing: %s", (source, never) => {
  expect(renderMarkdown(source)).not.toMatch(never);
});

/** In a shell of its own, without blocking the server that it asks. */
async function inShell(command: string, key: string): Promise<string> {
  const env = { ...process.env, DEVFLOW_API_KEY: key };
  return (await promisify(execFile)("sh", ["-c", command], { env })).stdout;
}
