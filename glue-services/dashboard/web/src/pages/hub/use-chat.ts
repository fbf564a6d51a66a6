import { useEffect, useRef, useState } from "react";
import { actingFor } from "../../organisation.ts";
import { streamChat, type Told } from "./stream-chat.ts";

export interface Turn {
  role: "user" | "assistant";
  content: string;
  told?: Told;
  /** The person stopped it: there is more that never came. */
  stopped?: boolean;
}

export interface ChatSettings {
  /** Undefined: the model’s own. */
  temperature?: number | undefined;
  maxTokens?: number | undefined;
  json: boolean;
}

interface Kept {
  turns: Turn[];
  system: string;
  options: ChatSettings;
  question: string;
}

const place = () => `devflow-playground ${actingFor()}`;
const nothing: Kept = { turns: [], system: "", options: { json: false }, question: "" };

/** A conversation that lasts as long as the tab, also over a reload. */
export function useChat(model: string) {
  const [kept] = useState(read);
  const [system, setSystem] = useState(kept.system);
  const [question, setQuestion] = useState(kept.question);
  const [options, setOptions] = useState(kept.options);
  const [turns, setTurns] = useState(kept.turns);
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const leaving = useRef<AbortController>(undefined);

  useEffect(() => {
    try {
      sessionStorage.setItem(place(), JSON.stringify({ turns, system, options, question } satisfies Kept));
    } catch {
      // A tab without room for it loses the conversation on reload, nothing else.
    }
  }, [turns, system, options, question]);

  const body = (conversation: readonly Turn[] = turns) => ({
    model,
    messages: [
      ...(system ? [{ role: "system", content: system }] : []),
      ...conversation.filter(({ content }) => content !== "").map(({ role, content }) => ({ role, content })),
    ],
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.maxTokens !== undefined && { max_tokens: options.maxTokens }),
    ...(options.json && { response_format: { type: "json_object" } }),
  });

  async function send(): Promise<void> {
    const asked = question;
    const before: Turn[] = [...turns, { role: "user", content: asked }];
    setTurns([...before, { role: "assistant", content: "" }]);
    setQuestion("");
    setFailure(undefined);
    setBusy(true);
    const stopping = new AbortController();
    leaving.current = stopping;
    try {
      await streamChat(body(before), stopping.signal, (content, told) =>
        setTurns([...before, { role: "assistant", content, ...(told && { told }) }]),
      );
    } catch (error) {
      const { aborted } = stopping.signal;
      if (!aborted) setFailure(error as Error);
      setTurns((now) => {
        const last = now.at(-1);
        if (last?.role !== "assistant") return now;
        if (aborted) return [...now.slice(0, -1), { ...last, stopped: true }];
        // What was typed is not lost.
        return last.content === "" ? now.slice(0, -2) : now;
      });
      if (!aborted) setQuestion((now) => now || asked);
    } finally {
      setBusy(false);
    }
  }

  return {
    ...{ system, setSystem, question, setQuestion, options, setOptions, turns, failure, busy, send },
    /** What a program would send: with the question that is typed, when there is one. */
    body: () => body(question.trim() ? [...turns, { role: "user", content: question }] : turns),
    stop: () => leaving.current?.abort(),
    clear() {
      setTurns([]);
      setFailure(undefined);
    },
  };
}

function read(): Kept {
  try {
    const kept = JSON.parse(sessionStorage.getItem(place()) ?? "{}") as Partial<Kept>;
    const turns = (kept.turns ?? []).map((turn) =>
      // A reload stopped it.
      turn.role === "assistant" && !turn.told && !turn.stopped ? { ...turn, stopped: true } : turn,
    );
    return { ...nothing, ...kept, turns };
  } catch {
    return nothing;
  }
}
