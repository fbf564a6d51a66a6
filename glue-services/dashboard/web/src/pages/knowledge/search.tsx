import "../../style/knowledge.css";
import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../../parts/address.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { plural } from "../../parts/plural.ts";
import { Hit } from "./hit.tsx";
import { searchQuery, sourcesQuery } from "./queries.ts";
import { KnowledgeTabs } from "./tabs.tsx";

const kinds = [
  { value: "", label: "Everything" },
  { value: "prose", label: "Text" },
  { value: "code", label: "Code" },
  { value: "table", label: "Tables" },
];

/** Finds passages by words and meaning, with where they stand. */
export function KnowledgeSearch() {
  const [words, setWords] = useAddress("q");
  const [source, setSource] = useAddress("source");
  const [kind, setKind] = useAddress("kind");
  const [settled] = useDebouncedValue(words, 200);
  const sources = useQuery(sourcesQuery);
  const found = useQuery(searchQuery({ words: settled, source, kind }));
  const choices = [
    { value: "", label: "All sources" },
    ...(sources.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <Page title="Knowledge" lead="What your organisation has written and read, found by words and by meaning.">
      <KnowledgeTabs at="/knowledge" />
      <search className="search-bar">
        <TextInput
          type="search"
          aria-label="Search the knowledge base"
          placeholder='A question, a name, "an exact phrase", -without'
          leftSection={<Icon name="search" size={14} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          data-autofocus
          autoFocus
        />
        <Select
          aria-label="Source"
          data={choices}
          value={source}
          onChange={(next) => setSource(next ?? "")}
          allowDeselect={false}
        />
        <Select
          aria-label="Kind"
          data={kinds}
          value={kind}
          onChange={(next) => setKind(next ?? "")}
          allowDeselect={false}
        />
      </search>
      {settled.trim() === "" ? (
        <Answer query={sources}>
          {(all) => <Begin pages={all.reduce((sum, one) => sum + one.pages, 0)} sources={all.length} />}
        </Answer>
      ) : (
        <Answer query={found}>
          {({ hits, vectorsUsed, note }) => (
            <>
              <p className="quiet" role="status">
                {hits.length === 0
                  ? `Nothing was found for “${settled}”.`
                  : `${plural(hits.length, "passage")}${vectorsUsed ? "" : ", by words alone"}, the best first`}
              </p>
              {note && <p className="notice notice-warn">{note}</p>}
              <ol className="hits">
                {hits.map((hit) => (
                  <Hit key={hit.chunk} hit={hit} />
                ))}
              </ol>
            </>
          )}
        </Answer>
      )}
    </Page>
  );
}

function Begin({ pages, sources }: { pages: number; sources: number }) {
  if (sources === 0) {
    return (
      <Empty
        title="Nothing is known yet"
        action={
          <Button component={Link} to="/knowledge/sources" search={{ add: "site" } as never} size="xs">
            Add the first source
          </Button>
        }
      >
        Add a site, a repository or some files; what is in them is found here, by people and by agents.
      </Empty>
    );
  }
  return (
    <p className="quiet">
      {plural(pages, "page")} of {plural(sources, "source")} {pages === 1 ? "is" : "are"} searched.
    </p>
  );
}
