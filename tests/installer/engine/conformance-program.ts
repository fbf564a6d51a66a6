import * as pulumi from "@pulumi/pulumi";
import { fixed, Thing } from "./thing-resource.ts";

/** The same program in process and under the SDK's own runner; `version` and `broken` come from its configuration. */
export default async function program() {
  const config = new pulumi.Config("devflow");
  const version = config.requireNumber("version");
  const password = config.requireSecret("password");
  const base = fixed("base", {
    kind: `k${version}`,
    content: { version, nothing: null, list: [1, "two", { three: 3 }] },
  });
  const user = fixed("user", { kind: base.path, password });
  const group = new Group("group", { dependsOn: user });
  new Thing("renamed", { file: "stays" }, { aliases: [{ name: "former" }], protect: version === 1 });
  if (version === 1) new Thing("only-first", { content: password });
  else new Thing("only-second", { content: group.path, fails: config.get("broken") ?? "no" });
  return { path: group.path, password, size: user.size };
}

class Group extends pulumi.ComponentResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("devflow:test:Group", name, {}, options);
    const child = new Thing(`${name}-child`, { content: "c" }, { parent: this, ignoreChanges: ["content"] });
    this.path = child.path;
    this.registerOutputs({ path: this.path });
  }
}
