import { useQuery } from "@tanstack/react-query";
import { type Setting, settingsQuery } from "../../api/queries.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";

const columns: Column<Setting>[] = [
  { id: "path", title: "Setting", value: ({ path }) => path, cell: ({ path }) => <code>{path}</code> },
  { id: "value", title: "Value", value: ({ value }) => shown(value), cell: ({ value }) => <code>{shown(value)}</code> },
  { id: "from", title: "From", choice: "source", value: ({ from }) => from },
  { id: "where", title: "Where", optional: true, value: ({ where }) => where },
];

/** Settings in force and where each comes from; those of one component, or all. */
export function Configuration({ component }: { component?: string }) {
  const query = useQuery(settingsQuery);
  return (
    <Answer query={query}>
      {({ settings }) => {
        const rows = component ? settings.filter(({ path }) => concerns(path, component)) : settings;
        if (settings.length === 0) {
          return (
            <Empty
              title="The settings of this platform were not recorded"
              action={<Command>./devflow config explain</Command>}
            >
              Each run of <code>up</code> records the settings it used and where each came from: a flag, the answers
              file, the environment, the profile or the default. The next one will; on the machine you can ask now.
            </Empty>
          );
        }
        if (rows.length === 0) {
          return (
            <Empty title={`No setting is ${component}’s own`} action={<Command>./devflow config explain</Command>}>
              It runs with what all components share.
            </Empty>
          );
        }
        return (
          <>
            <DataTable name="settings" columns={columns} rows={rows} id={({ path }) => path} plain={rows.length < 8} />
            <p className="row quiet">
              <Command label="Change one:">{`./devflow config set ${rows[0]?.path}=…`}</Command>
            </p>
          </>
        );
      }}
    </Answer>
  );
}

function concerns(path: string, component: string): boolean {
  return path.split(".").includes(component);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}
