import type {
  ChangeShown,
  EnvironmentShown,
  Fact,
  MemberShown,
  ProjectShown,
} from "../../glue-services/projects/schemas.ts";
import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import { apiOf, type Input, pathOf } from "./input.ts";
import { leftOf } from "./progress.ts";

export async function list(input: Input): Promise<ProjectShown[]> {
  const { io, options } = input;
  const all = await (await apiOf(input)).call<ProjectShown[]>("GET", "/api/projects");
  const projects = options.all ? all : all.filter(({ state }) => state !== "archived");
  if (io.json) return projects;
  if (projects.length === 0) say(io, "No projects yet. `./devflow projects create NAME` makes one.");
  if (projects.length === 0) return projects;
  const lines = table(onStdout(io), projects, [
    { title: "SLUG", value: ({ slug }) => slug },
    { title: "NAME", value: ({ name }) => name },
    { title: "STATE", value: ({ state }) => state },
    { title: "YOUR ROLE", value: ({ role }) => role },
    { title: "EVERYONE", value: ({ everyone }) => everyone ?? "none" },
    { title: "CHANGED", value: ({ changedAt }) => changedAt.slice(0, 10) },
  ]);
  io.out(`${lines.join("\n")}\n`);
  return projects;
}

export interface Whole extends ProjectShown {
  environments: EnvironmentShown[];
  memberList: MemberShown[];
  facts: Fact[];
  running: ChangeShown[];
}

export async function show(input: Input): Promise<Whole> {
  const { io, args } = input;
  const api = await apiOf(input);
  const project = await api.call<ProjectShown>("GET", pathOf(args[0]));
  const of = <Answer>(below: string) => api.call<Answer>("GET", pathOf(project.id, below));
  const [environments, memberList, { facts }, changes] = await Promise.all([
    of<EnvironmentShown[]>("/environments"),
    of<MemberShown[]>("/members"),
    of<{ facts: Fact[] }>("/overview"),
    of<ChangeShown[]>("/changes"),
  ]);
  const running = changes.filter(({ state }) => state === "running");
  const whole = { ...project, environments, memberList, facts, running };
  if (io.json) return whole;
  const rows = [
    ["Name", project.name],
    ["Slug", project.slug],
    ["Id", project.id],
    ["State", project.state],
    ["Your role", project.role],
    ["Everyone", project.everyone ?? "none"],
    ["Members", String(memberList.length)],
    ["Environments", environments.map(({ name }) => name).join(", ")],
    ...facts.map(({ title, value }) => [title, value]),
    ...running.flatMap((change) => leftOf(change).map((left) => ["Not done yet", left])),
  ];
  const width = Math.max(...rows.map(([title = ""]) => title.length));
  io.out(rows.map(([title = "", value = ""]) => `${title.padEnd(width)}  ${value}\n`).join(""));
  return whole;
}
