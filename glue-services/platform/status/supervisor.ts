import { request } from "node:http";
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";

/** What this service reads of the supervisor's `GET /v1/processes`; it may tell more. */
export const SupervisedProcess = Type.Object({
  name: Type.String(),
  component: Type.String(),
  version: Type.String(),
  state: Type.String(),
  pid: Type.Optional(Type.Integer()),
  since: Type.String(),
  restarts: Type.Integer(),
  reason: Type.Optional(Type.String()),
  ports: Type.Array(Type.Integer()),
  rss: Type.Optional(Type.Number()),
  cpu: Type.Optional(Type.Number()),
  processes: Type.Optional(Type.Integer()),
});
export type SupervisedProcess = Static<typeof SupervisedProcess>;

const Answer = Type.Array(SupervisedProcess);

const understands = new Ajv().compile<Static<typeof Answer>>(Answer);
/** Milliseconds; a busy machine is slow to answer, which is no reason to say that nothing is known. */
const timeout = 5000;

/** @throws Error in one sentence a person understands: not configured, not running, no answer, a strange answer. */
export async function readProcesses(socket: string | undefined): Promise<SupervisedProcess[]> {
  if (!socket) throw new Error("This host was not told where the supervisor is.");
  const body = await get(socket, "/v1/processes");
  const answer: unknown = parse(body);
  if (!understands(answer)) throw new Error("The supervisor's answer is not what this version understands.");
  return answer;
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        body += part;
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(body);
        else reject(new Error(`The supervisor answered ${answer.statusCode}.`));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`The supervisor did not answer within ${timeout} ms.`)));
    call.on("error", (error: NodeJS.ErrnoException) => reject(reworded(error)));
    call.end();
  });
}

function reworded(error: NodeJS.ErrnoException): Error {
  if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return new Error("The supervisor is not running.");
  if (error.code === "EACCES") return new Error("This host may not speak to the supervisor.");
  return error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
