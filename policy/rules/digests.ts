import { containersOf } from "../containers.ts";
import type { Rule } from "../rule.ts";

/** On a cluster each node pulls by itself: a tag that was moved runs two programs of one name. */
export const digests: Rule = {
  name: "images-by-digest",
  description: "Every image of a pod has a digest.",
  optional: true,
  each: (resource) =>
    resource.type.startsWith("kubernetes:")
      ? containersOf(resource).flatMap(({ name, image }) =>
          typeof image === "string" && !image.includes("@sha256:")
            ? [`${name} runs ${image}, a tag: \`./devflow images lock\` writes its digest down.`]
            : [],
        )
      : [],
};
