import { AwsClient } from "aws4fetch";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import type { ResourceProvider } from "./provider.ts";
import { openUrl, Reach } from "./reach/index.ts";

const Inputs = Type.Object({
  endpoint: Type.String({ format: "uri" }),
  accessKey: Type.String(),
  secretKey: Type.String(),
  reach: Type.Optional(Reach),
  bucket: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$" }),
});
type Inputs = Type.Static<typeof Inputs>;

/** A bucket on an S3 server. Deleting refuses while there are objects in it. */
export const s3Bucket: ResourceProvider<Inputs, { bucket: string }> = {
  inputs: Inputs,
  replaceOn: ["bucket"],
  preview: ({ bucket }) => ({ bucket }),
  identify: ({ bucket }) => bucket,
  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.bucket, outputs: { bucket: inputs.bucket } };
  },
  async update(_id, inputs) {
    await ensure(inputs);
    return { bucket: inputs.bucket };
  },
  async delete(_id, inputs) {
    const answer = await call(inputs, "DELETE");
    if (!answer.ok && answer.status !== 404) throw refused(inputs, "delete", answer.status, await answer.text());
  },
};

async function ensure(inputs: Inputs): Promise<void> {
  const found = await call(inputs, "HEAD");
  if (found.ok) return;
  const made = await call(inputs, "PUT");
  if (!made.ok) throw refused(inputs, "create", made.status, await made.text());
}

async function call(inputs: Inputs, method: "HEAD" | "PUT" | "DELETE"): Promise<Response> {
  const signal = AbortSignal.timeout(30_000);
  await using way = await openUrl(inputs.reach, inputs.endpoint, signal);
  const client = new AwsClient({
    accessKeyId: inputs.accessKey,
    secretAccessKey: inputs.secretKey,
    service: "s3",
    region: "us-east-1",
    retries: 5,
  });
  const answer = await client.fetch(`${way.url}/${inputs.bucket}`, { method, signal });
  // Read whole while the way is open.
  const { status, statusText, headers } = answer;
  const text = await answer.text();
  return new Response(text || null, { status, statusText, headers });
}

function refused(inputs: Inputs, verb: string, status: number, body: string): DevflowError {
  return new DevflowError(
    "COMPONENT_FAILED",
    `Could not ${verb} bucket ${inputs.bucket}: HTTP ${status} ${body.slice(0, 300)}`,
    {
      hint: "See `./devflow logs storage`.",
    },
  );
}
