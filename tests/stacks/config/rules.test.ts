import { describe, expect, test } from "vitest";
import { parseAnswers, resolveLeniently, resolveSettings } from "../../../stacks/config/index.ts";

const dedicated = ["stack.kind=dedicated", "network.domain=dev.example.com", "network.email=ops@example.com"];
const account = "aws.account=123456789012";

describe("rules over several settings", () => {
  const broken = (set: string[]) => resolveLeniently({ set }).problems.map(({ path, file }) => [path, file]);

  test.each([
    [["network.domain=dev.example.com"], ["network.email", "--set network.domain"]],
    [["network.domain=192.168.1.50"], ["network.domain", "--set network.domain"]],
    [["network.domain=::1"], ["network.domain", "--set network.domain"]],
    [["network.domain=::ffff:10.0.0.7"], ["network.domain", "--set network.domain"]],
    [
      ["network.domain=fe80::1%eth0", "components.code=false"],
      ["network.domain", "--set network.domain"],
    ],
    [
      ["network.domain=[::1]", "components.code=false"],
      ["network.domain", "--set network.domain"],
    ],
    [["secrets.backend=onepassword"], ["secrets.onepassword", "--set secrets.backend"]],
    [["telemetry.enabled=true"], ["telemetry.endpoint", "--set telemetry.enabled"]],
    [["sizing.postgres.maxConnections=30"], ["sizing.postgres.maxConnections", "--set sizing.postgres.maxConnections"]],
    [["sizing.code.maxConnections=80"], ["sizing.postgres.maxConnections", "--set sizing.code.maxConnections"]],
    [
      ['models.providers=[{"name":"a","kind":"openai"},{"name":"a","kind":"google"}]'],
      ["models.providers", "--set models.providers"],
    ],
    [['models.providers=[{"name":"a","kind":"openai-compatible"}]'], ["models.providers", "--set models.providers"]],
    [
      [...dedicated, "aws.zone=example.com"],
      ["aws.account", "--set stack.kind"],
    ],
    [
      [...dedicated, account],
      ["aws.zone", "--set stack.kind"],
    ],
    [
      [...dedicated, account, "aws.zone=ample.com"],
      ["aws.zone", "--set aws.zone"],
    ],
    [['knowledge.allow=["10.1.0.0/33"]'], ["knowledge.allow", "--set knowledge.allow"]],
    [['knowledge.allow=["wiki.internal/8"]'], ["knowledge.allow", "--set knowledge.allow"]],
    [['knowledge.allow=["10.1.2.300"]'], ["knowledge.allow", "--set knowledge.allow"]],
    [['knowledge.allow=["[fd00::1::]/8"]'], ["knowledge.allow", "--set knowledge.allow"]],
    [['knowledge.allow=["localhost:80800"]'], ["knowledge.allow", "--set knowledge.allow"]],
    [["secrets.onepassword.mode=cli"], ["secrets.onepassword.vault", "settings"]],
  ])("%j breaks one", (set, [path, file]) => {
    expect(broken(set)).toEqual([[path, file]]);
  });

  test.each([
    [["network.domain=dev.example.com", "network.email=ops@example.com"]],
    [["network.domain=dev.example.com", "network.tls=internal"]],
    [["network.domain=box.local"]],
    [
      [
        'knowledge.allow=["wiki.example.internal","*.corp.example:8443","10.1.0.0/16","10.1.2.3:80","[fd00::]/8","[::1]:8080"]',
      ],
    ],
    [["network.domain=10.0.0.7", "components.code=false"]],
    [["network.domain=::1", "components.code=false"]],
    [["network.domain=intranet"]],
    [["sizing.postgres.maxConnections=33", "components.code=false"]],
    [["stack.kind=onprem"]],
    [["stack.kind=saas"]],
    [[...dedicated, account, "aws.zone=example.com"]],
    [[...dedicated, account, "aws.zone=dev.example.com"]],
  ])("%j breaks none", (set) => {
    expect(broken(set)).toEqual([]);
  });

  test("a rule points at the line in the answers file", () => {
    const answers = parseAnswers("version: 1\nnetwork:\n  domain: dev.example.com\n", "devflow.yaml");
    expect(resolveLeniently({ answers }).problems[0]).toMatchObject({ path: "network.email", line: 3, column: 11 });
  });

  test("a value that is wrong already breaks no rule besides", () => {
    expect(broken(["network.domain=dev.example.com", "network.email=nobody"])).toEqual([
      ["network.email", "--set network.email"],
    ]);
  });

  test("a certificate that cannot be had is warned about", () => {
    const set = ["network.domain=dev.example.com", "network.email=ops@example.com"];
    expect(resolveSettings({ set }).warnings[0]).toContain("network.bind is 127.0.0.1");
    expect(resolveSettings({ set: [...set, "network.bind=0.0.0.0"] }).warnings).toEqual([]);
  });

  test("a setting without effect on the kind of stack is warned about", () => {
    const { warnings } = resolveSettings({ set: ["stack.kind=saas", "components.runner=false", "engine.parallel=4"] });
    expect(warnings).toEqual(["engine.parallel (--set engine.parallel) has no effect on a stack of kind saas."]);
  });

  test("jobs of strangers beside the token of all runners are warned of where tenants share a cluster, and nowhere else", () => {
    const warned = (set: string[]) =>
      resolveSettings({ set }).warnings.filter((warning) => warning.startsWith("components.runner")).length;
    expect(warned(["stack.kind=saas"])).toBe(1);
    expect(warned(["stack.kind=saas", "components.code=false"])).toBe(0);
    expect(warned(["stack.kind=onprem"])).toBe(0);
  });
});
