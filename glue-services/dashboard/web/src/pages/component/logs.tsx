import { Button, Loader, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call } from "../../api/call.ts";
import { withOrganisation } from "../../organisation.ts";
import { useAddress } from "../../parts/address.ts";
import { Empty, Failure, Lines } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { LogView } from "./log-view.tsx";
import { useLog } from "./use-log.ts";

/** A component's log as it is written: searched, filtered by level, paused, downloaded. */
export function Logs({ component, processes }: { component: string; processes: readonly string[] }) {
  const [wanted, setWanted] = useAddress("process");
  const process = processes.find((name) => name === wanted) ?? processes[0];
  if (!process) {
    return (
      <Empty title="No log yet" action={<Command>{`./devflow logs ${component} -f`}</Command>}>
        Its program is still being prepared. Its log begins when it starts.
      </Empty>
    );
  }
  return <ProcessLog key={process} process={process} processes={processes} onProcess={setWanted} />;
}

/** Levels that a choice shows. */
const levels = new Map([
  ["info", ["error", "warn", "info"]],
  ["warn", ["error", "warn"]],
  ["error", ["error"]],
]);

interface Props {
  process: string;
  processes: readonly string[];
  onProcess: (name: string | undefined) => void;
}

function ProcessLog({ process, processes, onProcess }: Props) {
  const [words, setWords] = useAddress("q");
  const [level, setLevel] = useAddress("level");
  const [paused, pause] = useState(false);
  const { lines, held, error, retry } = useLog(process, paused);
  const [settled] = useDebouncedValue(words, 250);
  const older = useSearch(process, settled);

  const shown = useMemo(() => {
    const least = levels.get(level);
    const search = words.toLowerCase();
    return lines?.filter(
      ({ text, parsed }) =>
        (!search || text.toLowerCase().includes(search)) && (!least || least.includes(parsed.level ?? "")),
    );
  }, [lines, words, level]);

  if (error && !lines) return <Failure error={error} retry={retry} />;
  return (
    <div className="logs">
      <div className="data-tools">
        {processes.length > 1 && (
          <Select
            size="xs"
            aria-label="Process"
            data={[...processes]}
            value={process}
            onChange={(name) => onProcess(name ?? undefined)}
            allowDeselect={false}
          />
        )}
        <TextInput
          className="data-search"
          size="xs"
          type="search"
          aria-label="Search the log"
          placeholder="Search the log"
          leftSection={<Icon name="search" size={14} />}
          rightSection={older.isFetching ? <Loader size={12} /> : undefined}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Level"
          value={level || "all"}
          onChange={(next) => setLevel(next === "all" ? undefined : next)}
          data={[
            { value: "all", label: "All" },
            { value: "info", label: "Info" },
            { value: "warn", label: "Warnings" },
            { value: "error", label: "Errors" },
          ]}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name={paused ? "play" : "pause"} size={12} />}
          onClick={() => pause(!paused)}
          aria-pressed={paused}
        >
          {paused ? `Resume${held > 0 ? ` (${held} new)` : ""}` : "Pause"}
        </Button>
        <Button
          size="xs"
          variant="default"
          component="a"
          href={withOrganisation(`/api/platform/processes/${process}/log/download`)}
          download={`${process}.log`}
          leftSection={<Icon name="download" size={12} />}
        >
          Download
        </Button>
      </div>
      {!shown ? (
        <Lines count={14} height={14} />
      ) : (
        <LogView
          label={`Log of ${process}`}
          lines={shown}
          words={words}
          before={older.data && settled && older.data.found > shown.length ? older.data : undefined}
          nothing={words || level ? "No line matches." : "Nothing has been written yet."}
        />
      )}
      <div className="row between quiet">
        <span role="status">
          {shown && `${shown.length} line${shown.length === 1 ? "" : "s"}`}
          {older.data &&
            settled &&
            ` · ${older.data.found} in the last ${older.data.searched.toLocaleString("en")} lines`}
        </span>
        <Command>{`./devflow logs ${process} -f`}</Command>
      </div>
    </div>
  );
}

export interface OlderMatches {
  lines: string[];
  found: number;
  searched: number;
}

/** Matches in what is no longer in the page. */
function useSearch(process: string, words: string) {
  return useQuery({
    queryKey: ["log", process, words],
    queryFn: ({ signal }) =>
      call<OlderMatches>(`/api/platform/processes/${process}/log/search?q=${encodeURIComponent(words)}`, { signal }),
    enabled: words.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}
