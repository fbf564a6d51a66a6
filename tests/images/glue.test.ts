import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { packagesOf } from "../../images/glue/packages.ts";

const root = join(import.meta.dirname, "..", "..");

it("the image of the glue services has the packages they import, and not those of the installer or the web app", () => {
  const names = packagesOf(root).map((folder) => relative(join(root, "node_modules"), folder));
  expect(names).toEqual(
    expect.arrayContaining(["fastify", "pg", "typebox", "better-auth", "graphile-worker", "pg-protocol"]),
  );
  for (const foreign of ["vite", "react", "@mantine/core", "@pulumi/pulumi", "@pulumi/aws", "typescript", "vitest"]) {
    expect(names).not.toContain(foreign);
  }
});

it("what the image holds starts by itself, without the checkout", async () => {
  const out = await mkdtemp(join(tmpdir(), "devflow-glue-"));
  try {
    await promisify(execFile)(process.execPath, [join(root, "images/glue/collect.ts"), root, out]);
    const bill = JSON.parse(await readFile(join(out, "bill-of-materials.cdx.json"), "utf8")) as {
      components: { purl: string; licenses?: unknown }[];
    };
    expect(bill.components.map(({ purl }) => purl)).toContain("pkg:npm/fastify@5.12.8");
    expect(existsSync(join(out, "node_modules", "typescript"))).toBe(false);
    const script = `
      import { readEnvironment } from "${join(out, "glue-services/host/environment.ts")}";
      import { buildHost } from "${join(out, "glue-services/host/host.ts")}";
      // Of packages that carry several builds one is there, and it is the one that is asked for.
      await import("gpt-tokenizer/encoding/o200k_base");
      await import("gpt-tokenizer/encoding/cl100k_base");
      await import("@opentelemetry/sdk-trace-node");
      await import("@opentelemetry/exporter-trace-otlp-proto");
      const app = await buildHost(readEnvironment({ LOG_LEVEL: "silent" }));
      const { statusCode } = await app.inject({ url: "/healthz" });
      await app.close();
      console.log(statusCode);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: out });
    expect(stdout.trim()).toBe("200");
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
