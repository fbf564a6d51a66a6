import type { Io } from "../commands/command.ts";
import { bytes, count } from "../terminal/human.ts";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import type { Blueprint } from "./blueprint.ts";
import type { Row } from "./rows.ts";

/** A blueprint as a person reads it: one table, then what follows from it. */
export function blueprintLines(io: Pick<Io, "color" | "columns" | "env">, plan: Blueprint): string[] {
  const { rows, memory, volumes, images, migrations, removed, cost, violations } = plan;
  const told = plan.basis !== "program" && rows.some(({ change }) => change !== "unknown");
  const lines = table(io, rows, [
    { title: "COMPONENT", value: ({ component }) => component },
    { title: "WHAT", value: (row) => (row.count === 1 ? row.what : `${row.count} ${row.what}s`) },
    { title: "NAME", value: ({ name }) => name },
    { title: "MEMORY", value: (row) => (row.memory === undefined ? "" : mebibytes(row.memory)), align: "right" },
    { title: "DISK", value: disk, align: "right" },
    { title: "PORTS", value: ({ published }) => published.join(" ") },
    { title: "CHANGE", value: ({ change }) => (told && change !== "same" ? change : "") },
    { title: "DOWNTIME", value: ({ downtime }) => downtime },
  ]);
  return [
    ...lines,
    "",
    ...section(io, "In all", [
      `${summary(rows)}${memory.limit > 0 ? `, memory up to ${mebibytes(memory.limit)}` : ""}${volumes.size > 0 ? `, disk ${gibibytes(volumes.size)} in ${count(volumes.count, "volume")}` : ""}`,
    ]),
    ...section(io, "Images", images.map(imageLine)),
    ...section(
      io,
      "Migrations",
      migrations.map(({ component, what, how }) => `${component}: ${what}, ${how}`),
    ),
    ...section(io, "Removed", removed.map(shortUrn)),
    ...section(
      io,
      "Against the policy",
      violations.map(({ rule, urn, message }) => `${shortUrn(urn)}: ${message} (${rule})`),
    ),
    ...(cost ? costLines(io, cost) : []),
  ];
}

function costLines(io: Pick<Io, "color" | "columns" | "env">, cost: NonNullable<Blueprint["cost"]>): string[] {
  const rows = cost.components.flatMap(({ component, monthly, items }) => [
    {
      component,
      monthly,
      what: items.map(({ count, what }) => (count === 1 ? what : `${count} × ${what}`)).join(", "),
    },
  ]);
  const usd = (amount: number) => `$${amount.toFixed(2)}`;
  return [
    ...table(io, rows, [
      { title: "COST A MONTH", value: ({ component }) => component },
      { title: "USD", value: ({ monthly }) => usd(monthly), align: "right" },
      { title: "FOR", value: ({ what }) => what },
    ]),
    `${paint(io, "bold", `${usd(cost.monthly)} a month`)}, in ${cost.region}, estimated without tax and without use:`,
    `  by ${cost.source.charAt(0).toLowerCase()}${cost.source.slice(1)} As they were on ${cost.date}.`,
    ...cost.byUse.map((line) => `  ${line}`),
    ...cost.notes.map((note) => `  ${note}`),
    "",
  ];
}

function section(io: Pick<Io, "color" | "env">, title: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const [first = "", ...rest] = lines;
  const width = Math.max(12, title.length + 2);
  return [
    `${paint(io, "bold", title.padEnd(width))}${first}`,
    ...rest.map((line) => `${" ".repeat(width)}${line}`),
    "",
  ];
}

/** "3 pods, 1 database" */
function summary(rows: Row[]): string {
  const sums = [...Map.groupBy(rows, ({ what }) => what)].map(([what, same]) =>
    count(
      same.reduce((sum, row) => sum + row.count, 0),
      what,
    ),
  );
  return sums.join(", ");
}

function disk({ volumes, count: copies }: Row): string {
  const size = volumes.reduce((sum, volume) => sum + volume.size, 0) * copies;
  return size > 0 ? gibibytes(size) : volumes.length > 0 ? count(volumes.length, "volume") : "";
}

function imageLine({ reference, size, known }: Blueprint["images"][number]): string {
  const amount = size === undefined ? "size not known" : mebibytes(size);
  return `${reference.replace(/@sha256:.*/, "")}  ${known ? "there already" : amount}`;
}

function mebibytes(amount: number): string {
  return bytes(amount * 2 ** 20);
}

function gibibytes(amount: number): string {
  return bytes(amount * 2 ** 30);
}

function shortUrn(urn: string): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  return `${type.split("$").at(-1)?.split(":").at(-1)} ${name}`;
}
