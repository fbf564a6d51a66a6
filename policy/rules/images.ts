import { containersOf } from "../containers.ts";
import type { Rule } from "../rule.ts";

/** What runs today runs tomorrow: an image is named by its digest, or by a tag that says a version. */
export const images: Rule = {
  name: "no-latest-tags",
  description: "Every image has a digest or a tag that is not `latest`.",
  each: (resource) => {
    const named = containersOf(resource).flatMap(({ name, image }) =>
      typeof image === "string" && floats(image) ? [`${name} runs ${image}, which may be another image tomorrow.`] : [],
    );
    const remote = resource.type === "docker:index/remoteImage:RemoteImage" ? resource.inputs.name : undefined;
    return typeof remote === "string" && floats(remote)
      ? [...named, `${remote} may be another image tomorrow.`]
      : named;
  },
};

/** The id of an image, as Docker gives it, does not move either. */
function floats(image: string): boolean {
  if (image.includes("@sha256:") || image.startsWith("sha256:")) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}
