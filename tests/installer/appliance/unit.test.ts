import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { renderUnit } from "../../../installer/appliance/unit.ts";

const facts = { stack: "box", checkout: "/opt/dev flow", answers: "/etc/devflow/100%.yaml", home: "/var/lib/devflow" };

it("the unit of an appliance starts it after Docker, as whoever made it", () => {
  const unit = renderUnit({ ...facts, user: "ada" });
  expect(unit).toContain('ExecStart="/opt/dev flow/devflow" up --yes --stack box');
  expect(unit).toContain('"DEVFLOW_ANSWERS=/etc/devflow/100%%.yaml"');
  expect(unit).toMatch(/Requires=docker\.service\nAfter=docker\.service/);
  expect(unit).toContain("User=ada");
  expect(unit).not.toContain("ExecStop");
});

it("a person's own unit needs neither Docker's nor another user", () => {
  const unit = renderUnit(facts);
  expect(unit).not.toContain("User=");
  expect(unit).not.toContain("docker.service");
  expect(unit).toContain("WantedBy=default.target");
});

const noSystemd = spawnSync("which", ["systemd-analyze"]).status !== 0;

it.skipIf(noSystemd)("systemd itself finds nothing wrong with the unit, where there is one to ask", () => {
  const folder = mkdtempSync(join(tmpdir(), "devflow-unit-"));
  try {
    const file = join(folder, "devflow-box.service");
    writeFileSync(file, renderUnit({ ...facts, checkout: "/usr", user: "root" }));
    const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
    expect(`${stdout}${stderr}`).not.toMatch(/Unknown (key|section)|Invalid|Failed to parse/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
