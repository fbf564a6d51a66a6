import "../../style/knowledge.css";
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useAddress } from "../../parts/address.ts";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { Page } from "../../parts/page.tsx";
import { scrollable } from "../../parts/scrollable.ts";
import { pageQuery } from "./queries.ts";

/** A page as it was read, with its lines numbered as citations count them; those that were cited are marked. */
export function KnowledgePage() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const [cited] = useAddress("lines");
  const [view, setView] = useAddress("view");
  // A citation names lines; without one the page is read as it was written.
  const shown = view || (cited ? "lines" : "page");
  const query = useQuery(pageQuery(id));
  const [first, last] = cited.split("-").map(Number);
  const place = useRef<HTMLSpanElement>(null);
  const there = query.data !== undefined;
  useEffect(() => {
    if (there && first) place.current?.scrollIntoView({ block: "center" });
  }, [there, first]);
  return (
    <Answer query={query} skeleton={<Lines count={16} height={16} />}>
      {({ title, address, source, content, changedAt }) => (
        <Page
          title={title}
          lead={
            <>
              <Link to="/knowledge/sources" search={{ open: source.id } as never}>
                {source.name}
              </Link>{" "}
              · {/^https?:/.test(address) ? <a href={address}>{address}</a> : address} · changed <Ago at={changedAt} />
            </>
          }
        >
          <SegmentedControl
            size="xs"
            aria-label="How it is shown"
            className="self-start"
            data={[
              { value: "page", label: "Page" },
              { value: "lines", label: "Lines" },
            ]}
            value={shown}
            onChange={setView}
          />
          {shown === "page" ? (
            <Markdown>{content}</Markdown>
          ) : (
            <pre className="reader" {...scrollable}>
              {content.split("\n").map((line, at) => {
                const number = at + 1;
                const marked = first && number >= first && number <= (last ?? first);
                return (
                  <span
                    key={number}
                    className={marked ? "reader-line reader-cited" : "reader-line"}
                    {...(number === first && { ref: place })}
                    data-line={number}
                  >
                    {line || " "}
                  </span>
                );
              })}
            </pre>
          )}
        </Page>
      )}
    </Answer>
  );
}
