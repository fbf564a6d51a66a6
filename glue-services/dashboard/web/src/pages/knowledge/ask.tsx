import "../../style/knowledge.css";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/call.ts";
import { actingFor } from "../../organisation.ts";
import { Empty, Failure } from "../../parts/answers.tsx";
import { AskForm } from "../../parts/ask-form.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { Page } from "../../parts/page.tsx";
import { withoutFences } from "./fences.ts";
import { Passage } from "./passage.tsx";
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
  const ask = () => asking.mutate(question.trim());
  return (
    <Page
      title="Knowledge"
      lead="Answers rest on passages of your sources and name them; without any there is no answer."
    >
      <KnowledgeTabs at="/knowledge/ask" />
      <AskForm
        label="Question"
        className="stack narrow"
        value={question}
        onChange={setQuestion}
        onSend={ask}
        action="Ask"
        busy={asking.isPending}
        maxLength={2000}
      />
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
          <Passage
            key={number}
            number={number}
            heading={heading}
            citation={{ page, source, lines }}
            text={withoutFences(text)}
          />
        ))}
      </ol>
    </article>
  );
}
