import { Autocomplete, Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import "../../style/hub.css";
import { useAddress } from "../../parts/address.ts";
import { Failure } from "../../parts/answers.tsx";
import { Page } from "../../parts/page.tsx";
import { modelsQuery } from "./queries.ts";
import { streamChat, type Told } from "./stream-chat.ts";

interface Turn {
  role: "user" | "assistant";
  content: string;
  told?: Told;
}

/** A chat with any model, streamed as a program would get it. */
export function Playground() {
  const { data } = useQuery(modelsQuery);
  const models = (data?.data ?? []).map(({ id }) => id).filter((id) => id !== "embed" && !id.startsWith("local/"));
  const [chosen, choose] = useAddress("model");
  const model = chosen || models[0] || "";
  const [system, setSystem] = useState("");
  const [question, setQuestion] = useState("");
  const [turns, setTurns] = useState<Turn[]>([]);
  const [failure, setFailure] = useState<Error>();
  const stop = useRef<AbortController>(undefined);
  const [busy, setBusy] = useState(false);

  const send = async () => {
    const before: Turn[] = [...turns, { role: "user", content: question }];
    const asked = question;
    setTurns([...before, { role: "assistant", content: "" }]);
    setQuestion("");
    setFailure(undefined);
    setBusy(true);
    const leaving = new AbortController();
    stop.current = leaving;
    const messages = [
      ...(system ? [{ role: "system", content: system }] : []),
      ...before.map(({ role, content }) => ({ role, content })),
    ];
    try {
      await streamChat({ model, messages }, leaving.signal, (content, told) =>
        setTurns([...before, { role: "assistant", content, ...(told && { told }) }]),
      );
    } catch (error) {
      if (leaving.signal.aborted) return;
      setFailure(error as Error);
      // What was typed is not lost.
      setTurns((now) => (now.at(-1)?.content === "" ? now.slice(0, -2) : now));
      setQuestion((now) => now || asked);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Page title="Playground" lead="Your own budgets, guardrails and routes hold here as for any program.">
      <div className="playground">
        <div className="row playground-tools">
          <Autocomplete
            aria-label="Model"
            size="xs"
            data={models}
            value={model}
            onChange={(next) => choose(next || undefined)}
            placeholder="A route, or provider/model"
          />
          <Button size="xs" variant="default" onClick={() => setTurns([])} disabled={turns.length === 0 || busy}>
            Begin anew
          </Button>
        </div>
        <Textarea
          label="What the model is told first"
          autosize
          minRows={1}
          maxRows={6}
          value={system}
          onChange={(event) => setSystem(event.currentTarget.value)}
        />
        <ol className="turns-list" aria-label="Conversation" aria-live="polite" aria-busy={busy}>
          {turns.map(({ role, content, told }, at) => (
            <li key={`${at}-${role}`} className={`turn turn-${role}`}>
              <span className="turn-who">{role === "user" ? "You" : (told?.model ?? model)}</span>
              <div className="turn-text">{content || <span className="quiet">…</span>}</div>
              {told && (
                <span className="quiet turn-facts">
                  first word after {told.firstMs} ms, {told.ms} ms in all
                  {told.usage && `, ${told.usage.prompt_tokens} tokens in, ${told.usage.completion_tokens} out`}
                  {told.cache && `, from the cache (${told.cache})`}
                </span>
              )}
            </li>
          ))}
        </ol>
        {failure && <Failure error={failure} />}
        {models.length === 0 && data && !chosen && (
          <p className="quiet">
            There is no model to talk to yet. <Link to="/hub/models">Add a provider</Link> first.
          </p>
        )}
        <form
          className="playground-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (question.trim() !== "" && !busy && model) void send();
          }}
        >
          <Textarea
            aria-label="Question"
            placeholder="Ask something. Enter sends, Shift+Enter begins a line."
            autosize
            minRows={2}
            maxRows={10}
            value={question}
            onChange={(event) => setQuestion(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey) return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
          {busy ? (
            <Button variant="default" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          ) : (
            <Button type="submit" disabled={question.trim() === "" || !model}>
              Send
            </Button>
          )}
        </form>
      </div>
    </Page>
  );
}
