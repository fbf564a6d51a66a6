import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import "../../style/hub.css";
import { useAddress } from "../../parts/address.ts";
import { Failure } from "../../parts/answers.tsx";
import { AskForm } from "../../parts/ask-form.tsx";
import { chatModels, ModelSelect } from "../../parts/model-select.tsx";
import { Page } from "../../parts/page.tsx";
import { ChatCode } from "./chat-code.tsx";
import { ChatOptions } from "./chat-options.tsx";
import { ChatTurn } from "./chat-turn.tsx";
import { modelsQuery, providersQuery } from "./queries.ts";
import { useChat } from "./use-chat.ts";

/** A chat with any model, streamed as a program would get it. */
export function Playground() {
  const { data } = useQuery(modelsQuery);
  const missing = (useQuery(providersQuery).data ?? []).filter(({ state }) => state === "missing");
  const models = chatModels(data?.data);
  const [chosen, choose] = useAddress("model");
  const model = chosen || models[0]?.id || "";
  const chat = useChat(model);
  const { turns, system, question, busy, failure } = chat;
  const [code, showCode] = useState(false);

  return (
    <Page title="Playground" lead="Your own budgets, guardrails and routes hold here as for any program.">
      <div className="playground">
        <div className="row playground-tools">
          <ModelSelect aria-label="Model" size="xs" value={model} onChange={(next) => choose(next)} />
          <ChatOptions options={chat.options} onChange={chat.setOptions} />
          <Button size="xs" variant="default" onClick={() => showCode(true)} disabled={!model}>
            View code
          </Button>
          <Button size="xs" variant="default" onClick={chat.clear} disabled={turns.length === 0 || busy}>
            Clear
          </Button>
        </div>
        <Textarea
          label="System prompt"
          autosize
          minRows={1}
          maxRows={6}
          value={system}
          onChange={(event) => chat.setSystem(event.currentTarget.value)}
        />
        <ol className="turns-list" aria-label="Conversation" aria-live="polite" aria-busy={busy}>
          {turns.map((turn, at) => (
            <ChatTurn
              key={`${at}-${turn.role}`}
              turn={turn}
              model={model}
              models={data?.data}
              streaming={busy && at === turns.length - 1}
            />
          ))}
        </ol>
        {failure && <Failure error={failure} />}
        {models.length === 0 && data && !chosen && (
          <p className="quiet">
            {missing.length > 0 ? (
              <>
                Key missing for {missing.map(({ name }) => name).join(", ")}.{" "}
                <Link to="/hub/models" className="link">
                  Set it on the page Models
                </Link>
                .
              </>
            ) : (
              <>
                There is no model to talk to yet.{" "}
                <Link to="/hub/models" className="link">
                  Add a provider
                </Link>{" "}
                first.
              </>
            )}
          </p>
        )}
        <AskForm
          label="Question"
          placeholder="Ask something. Enter sends, Shift+Enter begins a line."
          className="playground-form"
          value={question}
          onChange={chat.setQuestion}
          onSend={() => void chat.send()}
          action="Send"
          busy={busy}
          onStop={chat.stop}
          disabled={!model}
        />
      </div>
      {code && <ChatCode body={chat.body()} onClose={() => showCode(false)} />}
    </Page>
  );
}
