import { TextInput } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { type DocEntry, docQuery, docSearchQuery, docsQuery } from "../../api/queries.ts";
import { useAddress } from "../../parts/address.ts";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";

/** The documentation of this very version, with search; it comes from the platform itself. */
export function Docs() {
  const { _splat = "" } = useParams({ strict: false }) as { _splat?: string };
  const path = _splat.replace(/\/$/, "");
  const [words, setWords] = useAddress("q");
  const pages = useQuery(docsQuery);
  return (
    <div className="docs">
      <div className="docs-side">
        <TextInput
          type="search"
          size="xs"
          aria-label="Search the documentation"
          placeholder="Search the documentation"
          leftSection={<Icon name="search" size={14} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Answer query={pages} skeleton={<Lines count={8} />}>
          {(entries) => <Contents entries={entries} path={path || (entries[0]?.path ?? "")} />}
        </Answer>
      </div>
      {words.trim() ? <Results words={words.trim()} onChoose={() => setWords(undefined)} /> : <Doc path={path} />}
    </div>
  );
}

function Contents({ entries, path }: { entries: DocEntry[]; path: string }) {
  const narrow = useMediaQuery("(max-width: 860px)", false, { getInitialValueInEffect: false });
  const sections = [...Map.groupBy(entries, ({ section }) => section)];
  return (
    <nav aria-label="Documentation">
      <details className="docs-contents" key={`${narrow} ${path}`} open={!narrow}>
        <summary>All pages</summary>
        {sections.map(([section, members]) => (
          <div key={section} className="menu-group">
            {section && <h2>{headingOf(section)}</h2>}
            <ul>
              {members.map((entry) => (
                <li key={entry.path}>
                  <Link
                    to="/docs/$"
                    params={{ _splat: entry.path }}
                    search={{}}
                    {...(entry.path === path && { "aria-current": "page" as const })}
                    className="menu-page"
                  >
                    {entry.title}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </details>
    </nav>
  );
}

function Doc({ path }: { path: string }) {
  const query = useQuery(docQuery(path));
  const navigate = useNavigate();
  useDocumentTitle(`${query.data?.title ?? "Documentation"} · DevFlow`);
  const html = query.data?.html;
  useEffect(() => {
    if (html && window.location.hash) document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
  }, [html]);

  // Links between pages stay in the app. The HTML is not React's, so the article listens for them.
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = html ? article.current : null;
    const follow = (event: MouseEvent) => {
      const href = (event.target as Element).closest("a")?.getAttribute("href");
      if (!href?.startsWith("/docs/") || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      void navigate({ href });
    };
    element?.addEventListener("click", follow);
    return () => element?.removeEventListener("click", follow);
  }, [html, navigate]);

  return (
    <Answer query={query} skeleton={<Lines count={16} height={16} />}>
      {(page) => (
        // The platform renders its own Markdown, in which HTML is shown as text.
        <article
          className="prose"
          ref={article}
          // The platform renders its own Markdown, in which HTML is shown as text.
          dangerouslySetInnerHTML={{ __html: page.html }}
        />
      )}
    </Answer>
  );
}

function Results({ words, onChoose }: { words: string; onChoose: () => void }) {
  const [settled] = useDebouncedValue(words, 150);
  const query = useQuery(docSearchQuery(settled));
  useDocumentTitle("Search · Documentation · DevFlow");
  return (
    <section className="prose" aria-label="Results">
      <h1>Search the documentation</h1>
      <Answer query={query}>
        {(found) => (
          <>
            <p className="quiet" role="status">
              {found.length === 0
                ? `Nothing contains “${settled}”.`
                : `${found.length} page${found.length === 1 ? "" : "s"}`}
            </p>
            <ul className="results">
              {found.map(({ path, title, section, excerpt }) => (
                <li key={path}>
                  <Link to="/docs/$" params={{ _splat: path }} search={{}} onClick={onChoose} className="strong">
                    {title}
                  </Link>{" "}
                  <span className="quiet">{section}</span>
                  <p>
                    {excerpt.map(({ text, match }, at) =>
                      match ? <mark key={`${at} ${text}`}>{text}</mark> : <span key={`${at} ${text}`}>{text}</span>,
                    )}
                  </p>
                </li>
              ))}
            </ul>
          </>
        )}
      </Answer>
    </section>
  );
}

const sectionWords: Record<string, string> = { decisions: "design decisions", prds: "product specifications" };

/** Of a folder: "Products", "Design decisions". */
function headingOf(section: string): string {
  const words = sectionWords[section] ?? section.replaceAll("/", " · ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
