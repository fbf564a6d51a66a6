import { Button, Checkbox, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Value } from "typebox/value";
import { ServerGiven } from "../../../../../mcp-gateway/schemas.ts";
import { replaceSecrets } from "../../../../../mcp-gateway/secrets-in.ts";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/session.ts";
import { Failure } from "../../parts/answers.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { serversQuery } from "./queries.ts";

type How = "http" | "sse" | "stdio" | "json";
const hows = [
  { value: "http", label: "Address" },
  { value: "sse", label: "SSE (legacy)" },
  { value: "stdio", label: "Program" },
  { value: "json", label: "JSON" },
];

/** Adds a server from a form, or from the JSON that editors keep. */
export function NewServer({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const manage = useMay("mcp:manage");
  const [how, setHow] = useState<How>("http");
  const [name, setName] = useState("");
  const [where, setWhere] = useState("");
  const [secret, setSecret] = useState("");
  const [json, setJson] = useState("");
  const [personal, setPersonal] = useState(!manage);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();

  const keeping = secretsOf(() => (how === "json" ? fromJson(json) : [fromForm()]));

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const wanted = how === "json" ? fromJson(json) : [fromForm()];
      for (const server of wanted) {
        const [problem] = Value.Errors(ServerGiven, server);
        if (problem) throw new Error(worded(server.name, problem));
      }
      for (const server of wanted) {
        await call("/api/mcp/servers", { method: "PUT", body: { ...server, ...(personal && { personal }) } });
      }
      await client.invalidateQueries({ queryKey: serversQuery.queryKey });
      onClose();
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setBusy(false);
    }
  }

  function fromForm(): ServerGiven {
    if (how === "stdio") return { name, transport: "stdio", command: where.trim().split(/\s+/) };
    const headers = secret ? { authorization: { secret, prefix: "Bearer " } } : undefined;
    return { name, transport: how as "http" | "sse", url: where.trim(), ...(headers && { headers }) };
  }

  return (
    <Dialog opened onClose={onClose} title="Add an MCP server" size="lg">
      <form className="stack" onSubmit={submit} noValidate>
        <SegmentedControl
          data={hows}
          value={how}
          onChange={(next) => setHow(next as How)}
          aria-label="How it is reached"
        />
        {how === "json" ? (
          <Textarea
            label="Servers"
            description="The mcpServers part of an editor’s file. Tokens in it are kept as secrets of the organisation."
            placeholder={'{"mcpServers": {"tracker": {"url": "https://mcp.example.com/mcp"}}}'}
            value={json}
            onChange={(event) => setJson(event.currentTarget.value)}
            minRows={8}
            autosize
            required
          />
        ) : (
          <>
            <TextInput
              label="Name"
              description="Lower-case letters, digits and dashes; its tools begin with it."
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
              required
            />
            <TextInput
              label={how === "stdio" ? "Program and arguments" : "Address"}
              placeholder={how === "stdio" ? "npx -y @example/mcp-server" : "https://mcp.example.com/mcp"}
              value={where}
              onChange={(event) => setWhere(event.currentTarget.value)}
              required
            />
            {how !== "stdio" && (
              <TextInput
                label="Secret with its bearer token"
                description="Name of a secret of the organisation, read when it is needed. Empty: none."
                value={secret}
                onChange={(event) => setSecret(event.currentTarget.value)}
              />
            )}
          </>
        )}
        {keeping.length > 0 && (
          <p role="status">
            {keeping.length === 1 ? "1 value" : `${keeping.length} values`} will be kept as{" "}
            {keeping.length === 1 ? "secret" : "secrets"} of the organisation: {keeping.join(", ")}
          </p>
        )}
        <Checkbox
          label="Only for me"
          checked={personal}
          disabled={!manage}
          onChange={(event) => setPersonal(event.currentTarget.checked)}
        />
        {failure && <Failure error={failure} />}
        <div className="row end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function worded(name: string, { instancePath, message }: { instancePath: string; message: string }): string {
  if (instancePath === "/name")
    return `${name || "The name"}: use lower-case letters, digits and dashes, a letter first.`;
  if (instancePath === "/url") return `${name}: its address begins with http:// or https://.`;
  return `${name}: ${instancePath.slice(1).replaceAll("/", " ")} ${message}.`;
}

/** Names of the secrets that servers will have; none while what is entered is not whole yet. */
function secretsOf(servers: () => ServerGiven[]): string[] {
  const names: string[] = [];
  try {
    for (const server of servers()) {
      replaceSecrets(server, (name) => {
        names.push(name);
        return name;
      });
    }
  } catch {
    return [];
  }
  return names;
}

interface Entry {
  type?: string;
  url?: string;
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  headers?: Record<string, string>;
}

/** @throws Error that says what is wrong with it */
function fromJson(text: string): ServerGiven[] {
  const parsed = parse(text);
  const servers = Object.entries(parsed.mcpServers ?? parsed.servers ?? parsed);
  if (servers.length === 0) throw new Error("There is no server in it.");
  return servers.map(([given, entry]) => {
    const name = given.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-");
    const { url, command, args = [], env, headers, type } = entry as Entry;
    if (command) {
      return { name, transport: "stdio", command: [command, ...args], ...(env && { environment: values(env) }) };
    }
    const lower = Object.fromEntries(Object.entries(headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
    return {
      ...{ name, transport: type === "sse" ? ("sse" as const) : ("http" as const), url: url ?? "" },
      ...(headers && { headers: values(lower) }),
    };
  });
}

function parse(text: string): { mcpServers?: Record<string, Entry>; servers?: Record<string, Entry> } {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${(error as Error).message}`);
  }
}

function values(given: Record<string, string>) {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, { value }]));
}
