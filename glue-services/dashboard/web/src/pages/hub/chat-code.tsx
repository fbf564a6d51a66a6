import { Modal, SegmentedControl } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Copy } from "../../parts/command.tsx";
import { scrollable } from "../../parts/scrollable.ts";
import { type ChatBody, type CodeLanguage, codeLanguages, codeOf } from "./code-of.ts";

const titles: Record<CodeLanguage, string> = { curl: "curl", python: "Python", typescript: "TypeScript" };

/** The request of the playground as a program sends it. */
export function ChatCode({ body, onClose }: { body: ChatBody; onClose: () => void }) {
  const [language, choose] = useState<CodeLanguage>("curl");
  const code = codeOf(language, `${window.location.origin}/v1`, body);
  return (
    <Modal opened onClose={onClose} title="View code" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="stack">
        <div className="row between">
          <SegmentedControl
            aria-label="Language"
            size="xs"
            data={codeLanguages.map((value) => ({ value, label: titles[value] }))}
            value={language}
            onChange={(next) => choose(next as CodeLanguage)}
          />
          <Copy value={code} label="Copy the code" />
        </div>
        <pre className="block" {...scrollable}>
          {code}
        </pre>
        <p className="quiet">
          <code>DEVFLOW_API_KEY</code> is a{" "}
          <Link to="/hub/keys" className="link">
            model key
          </Link>
          .
        </p>
      </div>
    </Modal>
  );
}
