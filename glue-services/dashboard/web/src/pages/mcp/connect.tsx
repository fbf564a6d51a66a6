import { Tabs } from "@mantine/core";
import { useSituation } from "../../api/use-situation.ts";
import { Copy } from "../../parts/command.tsx";
import { Section } from "../../parts/page.tsx";

/** What an editor or agent needs, ready to paste. */
export function Connect() {
  const situation = useSituation();
  const url = `${situation?.context.url ?? window.location.origin}/mcp`;
  const snippets = {
    "Editors (JSON)": JSON.stringify({ mcpServers: { devflow: { type: "http", url } } }, undefined, 2),
    "VS Code": JSON.stringify({ servers: { devflow: { type: "http", url } } }, undefined, 2),
    "Claude Code": `claude mcp add --transport http devflow ${url}`,
    "With a key": JSON.stringify(
      { mcpServers: { devflow: { type: "http", url, headers: { Authorization: "Bearer dfk_…" } } } },
      undefined,
      2,
    ),
    "As a program": JSON.stringify(
      { mcpServers: { devflow: { command: "devflow", args: ["mcp"], env: { DEVFLOW_API_KEY: "dfk_…" } } } },
      undefined,
      2,
    ),
  };
  return (
    <Section title="Connect a client">
      <p className="quiet">
        One address for everything; one server alone is below <code>/mcp/servers/</code>. A client asks you in the
        browser what it may; one without a browser needs an API key with the scope <code>mcp:use</code>.
      </p>
      <Tabs defaultValue="client-0">
        <Tabs.List>
          {Object.keys(snippets).map((name, at) => (
            <Tabs.Tab key={name} value={`client-${at}`}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(snippets).map(([name, text], at) => (
          <Tabs.Panel key={name} value={`client-${at}`}>
            <div className="once">
              <pre>{text}</pre>
              <Copy value={text} label={`Copy for ${name}`} />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Section>
  );
}
