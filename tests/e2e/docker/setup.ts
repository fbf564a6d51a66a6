import type { TestProject } from "vitest/node";
import { buildGlueImage } from "./glue-image.ts";
import { makeUpstreamImages } from "./rootfs.ts";
import { glueImage, testEngine, whyNot } from "./test-engine.ts";

/** Starts one engine for the whole run and makes the images in it, which takes longer than most tests. */
export default async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const reason = whyNot();
  if (reason) {
    console.warn(`Nothing is tried on a real Docker engine here: ${reason}.`);
    return undefined;
  }
  const engine = await testEngine();
  try {
    await makeUpstreamImages(engine);
    await buildGlueImage(engine, glueImage);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  provide("dockerHost", engine.host);
  return async () => {
    await engine[Symbol.asyncDispose]();
  };
}
