import "../../style/knowledge.css";
import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { call } from "../../api/call.ts";
import { actingFor } from "../../organisation.ts";
import { Empty, Failure } from "../../parts/answers.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { Page } from "../../parts/page.tsx";
import type { Answered } from "./queries.ts";
import { KnowledgeTabs } from "./tabs.tsx";

/** A question, answered from what is known and from nothing else. */
export function Ask() {
  const [kept] = useState(readKept);
  const [question, setQuestion] = useState(kept.question);
  const asking = useMutation({
    mutationFn: (asked: string) => call<Answered>("/api/knowledge/ask", { method: "POST", body: { question: asked } }),
    onSuccess: (answer, asked) => keep({ question: asked, answer }),
  });
  const answer = asking.data ?? (asking.isIdle ? kept.answer : undefined);
  const ask = () => question.trim() && asking.mutate(question.trim());
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    ask();
  };
  return (
    <Page
      title="Knowledge"
      lead="Answers rest on passages of your sources and name them; without any there is no answer."
    >
      <KnowledgeTabs at="/knowledge/ask" />
      <form
        className="stack narrow"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Textarea
          label="Question"
          description="Enter asks, Shift and Enter begin a new line."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
          onKeyDown={enter}
        />
        <div className="row end">
          <Button type="submit" loading={asking.isPending} disabled={question.trim() === ""}>
            Ask
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {asking.isError && <Failure error={asking.error} retry={ask} />}
        {answer && <Said answer={answer} />}
      </div>
    </Page>
  );
}

const place = () => `devflow-ask ${actingFor()}`;

/** The last question with its answer, for as long as the tab is open. */
interface Kept {
  question: string;
  answer?: Answered;
}

function keep(kept: Kept): void {
  try {
    sessionStorage.setItem(place(), JSON.stringify(kept));
  } catch {
    // A tab without room for it loses the answer on reload, nothing else.
  }
}

function readKept(): Kept {
  try {
    return { question: "", ...(JSON.parse(sessionStorage.getItem(place()) ?? "{}") as Partial<Kept>) };
  } catch {
    return { question: "" };
  }
}

function Said({ answer: { answered, answer, citations, note } }: { answer: Answered }) {
  if (!answered) {
    return (
      <Empty title="No answer">
        {answer} Ask it in other words, or add the source that should know it. {note}
      </Empty>
    );
  }
  return (
    <article className="answer">
      <div className="answer-text">
        <Markdown>{answer}</Markdown>
      </div>
      {note && <p className="notice notice-warn">{note}</p>}
      <h2>Sources</h2>
      <ol className="hits">
        {citations.map(({ number, heading, text, page, source, lines }) => (
          <li key={number} className="hit">
            <span className="quiet">[{number}]</span>{" "}
            <Link
              to="/knowledge/pages/$id"
              params={{ id: page.id }}
              search={{ lines: `${lines.first}-${lines.last}` } as never}
              className="strong"
            >
              {heading}
            </Link>
            <p className="hit-text">{text}</p>
            <p className="quiet hit-place">
              {source.name} · <span className="clip">{page.address}</span> · lines {lines.first}–{lines.last}
            </p>
          </li>
        ))}
      </ol>
    </article>
  );
}
